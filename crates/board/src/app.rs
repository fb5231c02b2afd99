//! The whole server but for its socket.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use headwater_events::Store;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
    timeout::DeadlineBody,
};

use crate::{
    Hosts, Prefix, Token, answer, answer_memory, assets,
    board::Board,
    catalogue::catalogue,
    data,
    error::ApiError,
    events::events,
    findings::findings,
    live,
    pixels::pixels,
    scalars::scalars,
    status::{problems, status},
};

/// Who may ask, and where.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The names under which the server may be asked.
    pub hosts: Hosts,
    /// What a client must know. To be set whenever others than this machine can reach the server.
    pub token: Option<Token>,
    /// The path below which everything stands.
    pub prefix: Prefix,
}

/// The most bytes that a request may have.
const LARGEST_REQUEST: usize = 1_000_000;

/// How long the bytes of a request may take to come.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The page loads nothing but what the server gives it, runs no code but its modules, and stands in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Headers of every answer, unless it has its own.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// A server of a log directory. It starts to read and to follow it, behind: the first answer need not wait.
///
/// It must be served by a `tokio` runtime with time.
pub fn app(store: Store, options: Options) -> Router {
    let board = Arc::new(Board::new(store));
    live::start(&board);
    router(&board, options)
}

/// A server of what is on a board.
pub(crate) fn router(board: &Arc<Board>, options: Options) -> Router {
    let base = options.prefix.as_str();
    let mut router = Router::new()
        .route(&format!("{base}/"), get(assets::index))
        .route(&format!("{base}/ui/{{*path}}"), get(assets::asset))
        .nest(&format!("{base}/api"), api());
    if !base.is_empty() {
        let page = format!("{base}/");
        router = router.route(base, get(async move || Redirect::permanent(&page)));
    }
    let compressible = SizeAbove::new(1024)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("audio/"))
        .and(NotForContentType::SSE);
    // What is added last is passed first.
    router
        .method_not_allowed_fallback(async |request: Request| {
            let message = format!("{} cannot be asked of {}", request.method(), request.uri().path());
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message)
        })
        .fallback(async |uri: Uri| ApiError::not_found(format!("there is nothing at {}", uri.path())))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::map_request(async |request: Request| hasten(request, REQUEST_TIMEOUT)))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(compressible))
        .layer(middleware::from_fn_with_state(Arc::new(options), admit))
        .layer(middleware::map_response(protect))
        .layer(middleware::map_response(answer_memory::send))
        .with_state(Arc::clone(board))
}

/// What the page asks.
pub(crate) fn api() -> Router<Arc<Board>> {
    Router::new()
        .route("/status", get(status))
        .route("/catalogue", get(catalogue))
        .route("/problems", get(problems))
        .route("/findings", get(findings))
        .route("/scalars", post(scalars))
        .route("/pixels", post(pixels))
        .merge(data::routes())
        .layer(middleware::from_fn(answer::tagged))
        // Behind the tags: a stream has no end to wait for.
        .route("/events", get(events))
}

/// Refuses requests under a wrong name or without the token.
async fn admit(State(options): State<Arc<Options>>, request: Request, next: Next) -> Response {
    if !options.hosts.allow(request.uri(), request.headers()) {
        let message = "host not allowed: this server answers only under its own names; `headwater serve --allow-host NAME` adds one";
        return ApiError::new(StatusCode::FORBIDDEN, message).into_response();
    }
    let Some(token) = &options.token else { return next.run(request).await };
    if let Some((given, rest)) = take_token(request.uri()) {
        if token.is(&given) {
            let cookie = token.set_cookie(&options.prefix);
            return ([(header::SET_COOKIE, cookie)], Redirect::to(&rest)).into_response();
        }
    } else if token.is_in(request.headers()) {
        return next.run(request).await;
    }
    let message = "open the address that `headwater serve` printed: it carries a token, and this one lacks it";
    ApiError::new(StatusCode::UNAUTHORIZED, message).into_response()
}

/// The token of an address, and the address without it.
fn take_token(uri: &Uri) -> Option<(String, String)> {
    let parts = || uri.query().unwrap_or_default().split('&');
    let token = parts().find_map(|part| part.strip_prefix("token="))?;
    let rest: Vec<&str> = parts().filter(|part| !part.starts_with("token=")).collect();
    // Two slashes at its beginning would make the path a host's name; browsers take the other slash for one.
    let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    Some((token.to_owned(), if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) }))
}

/// Lets a request fail whose bytes do not come in time.
pub(crate) fn hasten(request: Request, longest: Duration) -> Request {
    request.map(|body| Body::new(DeadlineBody::new(longest, body)))
}

async fn protect(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
