//! What the fuzz targets in `fuzz/` call: Markdown and the server without a socket, and what must always hold of them.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use headwater_events::Store;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::runtime::{Builder, Runtime};

use crate::{Board, Options, app, data::markdown};

/// Attributes that may be in the HTML of a text.
const ATTRIBUTES: [&str; 4] = ["href", "title", "start", "rel"];

/// The HTML of a text: it has no elements and attributes but harmless ones, and no addresses but the web's and mail's.
///
/// # Panics
///
/// If it has.
pub fn markdown(text: &str) {
    let html = markdown::to_html(text);
    let mut rest = &*html;
    while let Some((_, tag)) = rest.split_once('<') {
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').unwrap_or(tag.len());
        let name = tag[..end].trim_start_matches('/');
        assert!(markdown::ELEMENTS.contains(&name), "<{name}> in {html}");
        rest = &tag[end..];
        // Attributes: ` name="value"`.
        while let Some(attribute) = rest.strip_prefix(' ') {
            let Some((name, value)) = attribute.split_once("=\"") else { panic!("no value in {html}") };
            assert!(ATTRIBUTES.contains(&name), "{name} in {html}");
            let Some((value, after)) = value.split_once('"') else { panic!("no end in {html}") };
            let is_harmless = ["http:", "https:", "mailto:"]
                .iter()
                .any(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
            assert!(name != "href" || is_harmless, "{value} in {html}");
            rest = after;
        }
        assert!(rest.starts_with('>'), "{rest} in {html}");
    }
}

/// The server of a log directory, in which everything has been read and nothing is followed.
#[derive(Debug)]
pub struct Server {
    router: Router,
    runtime: Runtime,
}

impl Server {
    /// Of a log directory.
    ///
    /// # Panics
    ///
    /// If the operating system has no threads to give.
    pub fn of(logdir: &Path) -> Self {
        let store = Store::open(logdir);
        store.load();
        let board = Board::new(store);
        board.set_loaded(None);
        let router = app::router(&Arc::new(board), Options::default());
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        Server { router, runtime }
    }

    /// Asks. The first line is a method and an address; then come headers, a line each; after an empty line the body.
    ///
    /// # Panics
    ///
    /// If the server fails at answering.
    pub fn ask(&self, input: &[u8]) {
        let (head, body) = split(input, b"\n\n");
        let (first, headers) = split(head, b"\n");
        let (method, address) = split(first, b" ");
        let address = String::from_utf8_lossy(address);
        let mut request = Request::builder().method(method).uri(address.trim_end());
        let mut has_host = false;
        for line in headers.split(|byte| *byte == b'\n') {
            let (name, value) = split(line, b": ");
            has_host |= name.eq_ignore_ascii_case(b"host");
            if !name.is_empty() {
                request = request.header(name, value);
            }
        }
        if !has_host {
            request = request.header(header::HOST, "localhost");
        }
        // What is no HTTP does not come this far.
        let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
        self.runtime.block_on(async {
            let Ok(answer) = TowerToHyperService::new(self.router.clone()).call(request).await;
            assert_ne!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let is_endless = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
            if !is_endless {
                to_bytes(answer.into_body(), 1 << 30).await.expect("a whole answer");
            }
        });
    }
}

/// What stands before and after the first `at`; nothing after, if it does not occur.
fn split<'a>(bytes: &'a [u8], at: &[u8]) -> (&'a [u8], &'a [u8]) {
    let found = bytes.windows(at.len()).position(|window| window == at);
    found.map_or((bytes, &[][..]), |found| (&bytes[..found], &bytes[found + at.len()..]))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/tests/foreign/logs")));

    /// A name and a value of an address, whether the request takes it or not.
    fn parameter() -> impl Strategy<Value = String> {
        let value = "pytorch|tensorflow/two|scalar|weights|curve|image|audio|text/text_summary|__run_graph__|_hparams_/experiment|gradient/rms\
            |log|true|gelu|relu|-?[0-9]{1,20}|-?1e[0-9]{1,3}|NaN|inf|%[0-9a-f]{2}";
        let name = "run|tag|from|limit|raw|bins|rows|scale|low|high|index|item|generation|columns|quantity|name|points";
        (name, value).prop_map(|(name, value)| format!("{name}={value}"))
    }

    proptest! {
        #[test]
        fn no_question_makes_the_server_fail(
            method in "GET|HEAD|POST|PUT|OPTIONS",
            path in "/|/ui/app.js|/ui/[.%/a-z]{0,8}|/api/(status|catalogue|problems|findings|scalars|pixels|flow|histograms|histogram|hparams\
                |config|text|pictures|sounds|blob|pr|graph|activation|idea|rule|events)",
            parameters in prop::collection::vec(parameter(), 0..8),
            headers in "(Accept-Encoding: (br|gzip|x)\n|If-None-Match: \\*\n|Range: bytes=0-\n|Content-Type: application/json\n){0,3}",
            body in "|\\{\"series\":\\[\\{\"run\":\"pytorch\",\"tag\":\"(scalar|x)\"(,\"from\":[0-9]{1,19})?\\}\\](,\"(limit|low|high|columns)\":-?[0-9]{1,19})*\\}",
        ) {
            SERVER.ask(format!("{method} {path}?{}\n{headers}\n{body}", parameters.join("&")).as_bytes());
        }

        #[test]
        fn texts_become_harmless_html(pieces in prop::collection::vec("[ -~]{0,6}|[>*_~`|\n-]{1,5}|</?[a-z]{1,6} on[a-z]=x>|\\[x\\]\\([a-z:&#;]{0,9}\\)", 0..20)) {
            markdown(&pieces.concat());
        }
    }

    #[test]
    fn requests_of_any_kind_are_answered() {
        for request in [
            "GET /api/status ",
            "GET /api/events ",
            "BREW /\x7f \nHost: \n\nx",
            "",
            "POST /api/scalars\nContent-Type: application/json\n\n{\"series\":[]}",
            "GET /api/text?run=%ff&tag=%00&from=-1",
        ] {
            SERVER.ask(request.as_bytes());
        }
    }

    #[test]
    #[should_panic(expected = "assertion")]
    fn a_fault_is_found() {
        let board = Arc::new(Board::new(Store::open(Path::new("."))));
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let fails = async || StatusCode::INTERNAL_SERVER_ERROR;
        let router = Router::new().route("/", axum::routing::get(fails)).with_state(board);
        Server { router, runtime }.ask(b"GET / ");
    }
}
