//! Markdown of a log, as HTML that can do no harm.
//!
//! A log may be anybody's. HTML in it is shown as the text that it is; of what Markdown makes, only plain elements are
//! left, links lead nowhere but to the web and to mail, and nothing is loaded from elsewhere. Two guards stand behind each
//! other: what is not made here is taken out afterwards, and the page's policy forbids it once more.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// What Markdown makes.
const ELEMENTS: [&str; 26] = [
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
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        // Of a picture, the words that stand for it remain.
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => None,
        event => Some(event),
    });
    let mut made = String::new();
    html::push_html(&mut made, events);
    SANITIZER.clean(&made).to_string()
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

    #[test]
    fn nothing_is_loaded() {
        let html = to_html("![words](https://example.com/spy.png) ![x\" onerror=\"alert(1)](x)");
        assert!(html.contains("words") && !html.contains("<img") && !html.contains("src="), "{html}");
    }
}
