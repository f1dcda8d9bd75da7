//! The first fork of the way: the API, or everything else.

use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, Request, Response};

/// Tells the API's requests from all others by how their paths begin. A nested route would do it
/// too, but takes every URI apart and puts it together again, for a router to look at it twice.
pub(super) struct Front<E> {
    /// Knows its routes by their whole paths.
    pub api: BoxEndpoint<'static>,
    pub others: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Front<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if request.uri().path().starts_with("/api/") {
            self.api.call(request).await
        } else {
            self.others.call(request).await
        }
    }
}
