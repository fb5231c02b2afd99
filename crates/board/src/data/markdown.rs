//! Markdown of a log, as HTML that can do no harm.
//!
//! A log may be anybody's. HTML in it is shown as the text that it is; of what Markdown makes, only plain elements are
//! left, links lead nowhere but to the web and to mail, and nothing is loaded from elsewhere. Two guards stand behind each
//! other: what is not made here is taken out afterwards, and the page's policy forbids it once more.
//!
//! The time that the parser takes for a line, and the sanitiser for an element, grows with the number of elements around
//! it. So only the outermost [`DEEPEST`] are made; of those inside, the words are left.

use std::{borrow::Cow, collections::HashSet, ops::Range, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// What Markdown makes.
pub(crate) const ELEMENTS: [&str; 26] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "sup",
];

/// How many elements may stand inside each other: more than anybody writes.
const DEEPEST: usize = 32;

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.into())
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    builder
});

/// The HTML of a text.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let markdown = shallow(markdown);
    let events = Parser::new_ext(&markdown, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        // Of a picture, the words that stand for it remain.
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => None,
        event => Some(event),
    });
    let mut made = String::new();
    let mut nesting = Nesting::default();
    html::push_html(&mut made, events.filter_map(|event| nesting.keep(event)));
    SANITIZER.clean(&made).to_string()
}

/// A text without the markers of quotes and lists that its lines have beyond the first [`DEEPEST`].
fn shallow(markdown: &str) -> Cow<'_, str> {
    let lines = || markdown.split_inclusive(['\n', '\r']);
    if lines().all(|line| too_deep(line).is_none()) {
        return markdown.into();
    }
    let mut text = String::with_capacity(markdown.len());
    for line in lines() {
        let markers = too_deep(line).unwrap_or(0..0);
        text.push_str(&line[..markers.start]);
        text.push_str(&line[markers.end..]);
    }
    text.into()
}

/// Where in a line the markers stand that are too many.
fn too_deep(line: &str) -> Option<Range<usize>> {
    let (mut count, mut at, mut start) = (0, 0, 0);
    while let Some(length) = marker(&line[at..]) {
        count += 1;
        at += length;
        if count == DEEPEST {
            start = at;
        }
    }
    (count > DEEPEST).then_some(start..at)
}

/// The length of the marker that a line begins with: `>`, `-`, `*`, `+`, `1.` or `1)`, and the blanks before it.
fn marker(line: &str) -> Option<usize> {
    let text = line.trim_start_matches([' ', '\t']);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text[digits..].bytes();
    let (is_quote, is_bullet, is_numbered) = match rest.next()? {
        b'>' => (digits == 0, false, false),
        b'-' | b'*' | b'+' => (false, digits == 0, false),
        b'.' | b')' => (false, false, digits > 0),
        _ => return None,
    };
    let stands_alone = rest.next().is_none_or(|byte| byte.is_ascii_whitespace());
    let is_marker = is_quote || ((is_bullet || is_numbered) && stands_alone);
    is_marker.then_some(line.len() - text.len() + digits + 1)
}

/// How deep an event stands.
#[derive(Debug, Default)]
struct Nesting {
    /// Elements that are open.
    depth: usize,
    /// Whether a table is open that is made. It is made with all its parts or not at all.
    in_table: bool,
}

impl Nesting {
    /// The event, unless it begins or ends an element that stands too deep. The words of blocks that are not made must not
    /// run into each other.
    fn keep<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        let (end, is_start) = match &event {
            Event::Start(tag) => (tag.to_end(), true),
            Event::End(end) => (*end, false),
            _ => return Some(event),
        };
        self.depth -= usize::from(!is_start);
        let is_kept = self.depth < DEEPEST || (self.in_table && is_part_of_table(end));
        self.depth += usize::from(is_start);
        if end == TagEnd::Table {
            self.in_table = is_start && is_kept;
        }
        let is_inline = matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link);
        match (is_kept, is_inline) {
            (true, _) => Some(event),
            (false, true) => None,
            (false, false) => Some(Event::SoftBreak),
        }
    }
}

fn is_part_of_table(end: TagEnd) -> bool {
    matches!(end, TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_plain_elements() {
        let html = to_html("# Title\n\n**bold** ~~gone~~ `code`\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n3. three\n");
        for part in ["<h1>Title</h1>", "<strong>bold</strong>", "<del>gone</del>", "<code>code</code>", "<td>2</td>"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("<ol start=\"3\">") && !html.contains("style"), "{html}");
    }

    #[test]
    fn html_is_shown_as_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div\nonclick=alert(1)>\n\ntext\n\n</div>",
            "<style>*{display:none}</style>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<!-- --><math><mtext></p><style><img src onerror=alert(1)>",
        ] {
            let html = to_html(text);
            assert!(html.contains("&lt;"), "{html}");
            for tag in ["<script", "<img", "<div", "<style", "<svg", "<iframe", "<math"] {
                assert!(!html.contains(tag), "{tag} in {html}");
            }
        }
    }

    #[test]
    fn links_lead_to_the_web_and_to_mail_and_nowhere_else() {
        let html = to_html("[x](https://example.com \"t\") [m](mailto:a@example.com) <http://example.com>");
        assert_eq!(html.matches("href=").count(), 3, "{html}");
        assert_eq!(html.matches("rel=\"noopener noreferrer\"").count(), 3, "{html}");
        for link in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x](file:///etc/passwd)",
            "[x](api/status)",
            "[x](//example.com)",
            "<javascript:alert(1)>",
        ] {
            let html = to_html(link);
            assert!(!html.contains("href"), "{link} became {html}");
        }
    }

    /// The most elements that stand inside each other.
    fn depth(html: &str) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html.split('<').skip(1) {
            let is_empty = ["br", "hr"].iter().any(|name| tag.starts_with(name));
            depth = if tag.starts_with('/') { depth - 1 } else { depth + usize::from(!is_empty) };
            deepest = deepest.max(depth);
        }
        deepest
    }

    #[test]
    fn elements_stand_only_so_deep_and_the_words_inside_are_left() {
        let items: Vec<String> = (0..100).map(|depth| format!("{}- item {depth}\n", "  ".repeat(depth))).collect();
        let list = items.concat();
        for text in [
            format!("{} word", ">".repeat(1000)),
            format!("{}word", "> - ".repeat(1000)),
            format!("{}word", "1. ".repeat(1000)),
            format!("a\r\n{}word\nlazy\nlines", "> ".repeat(1000)),
            format!("a\r{}word\rlazy", " >\t12) ".repeat(1000)),
            format!("{}word{}", "*a **b ".repeat(500), "** *".repeat(500)),
            format!("{}word{}", "~~a *b ".repeat(500), "* ~~".repeat(500)),
            format!("{}| word | b |\n{0}|---|---|\n{0}| c | d |\n", "> ".repeat(40)),
            format!("{}| word | b |\n{0}|---|---|\n{0}| *c* | d |\n", "> ".repeat(DEEPEST - 1)),
            format!("{list}\nword"),
            format!("{}word", "<div>".repeat(1000)),
            format!("{}word", "a <b>".repeat(1000)),
            format!("{}word{}", "![".repeat(1000), "](x)".repeat(1000)),
        ] {
            let html = to_html(&text);
            assert!(depth(&html) <= DEEPEST + 3, "{html}");
            assert!(html.contains("word"), "{html}");
        }
        // The parser too sees so many quotes only.
        let quotes = format!("a\r{}b\n{}c\n{}d", ">".repeat(1000), "> - 1. ".repeat(1000), "> ".repeat(DEEPEST));
        let quotes = Parser::new(&shallow(&quotes)).filter(|event| matches!(event, Event::Start(_))).count();
        assert!(quotes < 4 * DEEPEST, "{quotes}");
        assert_eq!(shallow("- - - a\n1. > b\n"), "- - - a\n1. > b\n");
        let html = to_html(&list);
        assert!(
            (0..100).all(|item| html.contains(&format!("item {item}\n")) || html.contains(&format!("item {item}<")))
        );
        // The table that just fits has all its parts.
        let html = to_html(&format!("{0}| a | b |\n{0}|---|---|\n{0}| c | d |\n", "> ".repeat(DEEPEST - 1)));
        assert!(html.contains("<td>c</td>"), "{html}");
    }

    #[test]
    fn nothing_is_loaded() {
        let html = to_html("![words](https://example.com/spy.png) ![x\" onerror=\"alert(1)](x)");
        assert!(html.contains("words") && !html.contains("<img") && !html.contains("src="), "{html}");
    }
}
