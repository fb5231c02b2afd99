//! The page's files.
//!
//! They are part of the program. A debug build reads them from the source folder instead, so that an edited page needs
//! no new build.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    io::Write,
    sync::{Arc, OnceLock},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::{answer, board::Board, error::ApiError};

#[derive(RustEmbed)]
#[folder = "ui/"]
struct Ui;

/// The pages of ideas, Markdown by name.
pub(crate) fn ideas() -> BTreeMap<String, String> {
    texts(|path| path.strip_prefix("ideas/")?.strip_suffix(".md"))
}

/// The page's own modules, JavaScript by their path without `.js`.
#[cfg(test)]
pub(crate) fn modules() -> BTreeMap<String, String> {
    texts(|path| path.strip_suffix(".js").filter(|path| !path.starts_with("vendor/")))
}

/// The files that have a name, by that name.
fn texts(name: impl Fn(&str) -> Option<&str>) -> BTreeMap<String, String> {
    let text = |path: &str| String::from_utf8(Ui::get(path)?.data.into_owned()).ok();
    Ui::iter().filter_map(|path: Cow<'static, str>| Some((name(&path)?.to_owned(), text(&path)?))).collect()
}

/// Text is compressed once, in the background, as small as this makes it without taking seconds.
const QUALITY: u32 = 10;

/// The files as they were compressed.
#[derive(Debug, Default)]
pub(crate) struct Compressed {
    files: Arc<OnceLock<HashMap<Cow<'static, str>, Bytes>>>,
    begun: OnceLock<()>,
}

impl Compressed {
    /// A file, as far as it is compressed. The first call begins with that; until it is through, answers are compressed
    /// less well as they are sent.
    fn get(&self, path: &str) -> Option<Bytes> {
        if cfg!(debug_assertions) {
            return None;
        }
        self.begun.get_or_init(|| {
            let files = Arc::clone(&self.files);
            let compress = move || {
                let _ = files.set(Ui::iter().filter_map(|path| Some((path.clone(), brotli(&path)?))).collect());
            };
            // If there is no thread to be had, they stay as they are.
            let _ = std::thread::Builder::new().name("page compressor".to_owned()).spawn(compress);
        });
        self.files.get()?.get(path).cloned()
    }
}

/// None if it does not become smaller.
fn brotli(path: &str) -> Option<Bytes> {
    let data = Ui::get(path)?.data;
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, QUALITY, 22);
    writer.write_all(&data).ok()?;
    let bytes = writer.into_inner();
    (bytes.len() < data.len()).then(|| bytes.into())
}

/// `GET /`.
pub(crate) async fn index(State(board): State<Arc<Board>>, headers: HeaderMap) -> Result<Response, ApiError> {
    file(&board, "index.html", &headers)
}

/// `GET /ui/...`.
pub(crate) async fn asset(
    State(board): State<Arc<Board>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    file(&board, &path, &headers)
}

fn file(board: &Board, path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    // A debug build opens files: nothing but plain names may reach it.
    let is_plain = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
    };
    let file = Some(path).filter(|path| path.split('/').all(is_plain)).and_then(Ui::get);
    let file = file.ok_or_else(|| ApiError::not_found(format!("the page has no file \"{path}\"")))?;
    let data = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    };
    let tag = answer::tag_of(&data);
    if answer::is_known(headers, &tag) {
        return Ok(answer::not_modified(&tag));
    }
    let compressed = if answer::accepts_brotli(headers) { board.compressed.get(path) } else { None };
    let mut response = match compressed {
        Some(bytes) => ([(header::CONTENT_ENCODING, "br"), (header::VARY, "accept-encoding")], bytes).into_response(),
        None => Body::from(data).into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    answer::set_tag(&mut response, &tag);
    Ok(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
