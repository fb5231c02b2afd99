//! Requests: extractors whose refusals are [`ApiError`]s.

use std::{error::Error, iter};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;
use tower_http::timeout::TimeoutError;

use crate::{app::REQUEST_TIMEOUT, error::ApiError};

/// The query of an address.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Query(query)),
            Err(refusal) => Err(ApiError::new(refusal.status(), refusal.body_text())),
        }
    }
}

/// A body in JSON.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Json(body)),
            Err(refusal) if is_late(&refusal) => {
                let seconds = REQUEST_TIMEOUT.as_secs();
                let message = format!("the body of this request did not come within {seconds} s");
                Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, message))
            }
            Err(refusal) => Err(ApiError::new(refusal.status(), refusal.body_text())),
        }
    }
}

/// Whether it is for want of bytes that a body was refused.
fn is_late(refusal: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(refusal), |&error| error.source()).any(<dyn Error>::is::<TimeoutError>)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use axum::{
        body::{Body, Bytes},
        http::header,
    };
    use futures_util::stream;
    use tokio::{runtime::Builder, time::sleep};

    use super::*;
    use crate::app::hasten;

    #[test]
    fn a_body_that_comes_byte_by_byte_is_given_up() {
        let drops = stream::unfold((), async |()| {
            sleep(Duration::from_millis(1)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
        });
        let request = Request::builder().header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from_stream(drops)).unwrap();
        Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            let request = hasten(request, Duration::from_millis(20));
            let error = Json::<Vec<u8>>::from_request(request, &()).await.unwrap_err();
            assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
            assert!(error.message.contains("did not come within"), "{error}");
        });
    }
}
