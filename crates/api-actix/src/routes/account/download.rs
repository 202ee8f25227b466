//! Streams an export: a part is read when the client has taken the one before.

use crate::{
    api::Api,
    http::{connection, context::Context, representation::JSON, watched::Activity},
    payload::export::ExportWriter,
};
use actix_web::{
    HttpRequest, HttpResponse,
    body::BodyStream,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue},
    web::{Bytes, Data},
};
use fasttrack_app::account::Export;
use fasttrack_domain::{
    failure::chain,
    token::{AccessClaims, TokenError},
};
use futures_util::{Stream, stream};
use std::{error::Error, rc::Rc, sync::Arc};

/// Browsers store the response under this name.
const ATTACHMENT: HeaderValue = HeaderValue::from_static("attachment; filename=\"fasttrack-export.json\"");

/// Maximum bytes of a chunk. A connection whose client takes less than one in the time that a response may pause is
/// closed.
const CHUNK: usize = 64 * 1024;

/// Answers 200 with the export. If it can't be read to the end, or the token is revoked, the connection is closed before the end of the body, so
/// that the client can tell.
pub fn respond(request: &HttpRequest, export: Export, claims: AccessClaims, api: Data<Api>) -> HttpResponse {
    let download = Download {
        export,
        writer: ExportWriter::new(claims.session_id()),
        claims,
        api,
        unsent: Bytes::new(),
        is_read: false,
        activity: connection::activity(request),
        request_id: Context::of(request).request_id,
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, JSON))
        .insert_header((CONTENT_DISPOSITION, ATTACHMENT))
        .body(BodyStream::new(chunks(download)))
}

fn chunks(download: Download) -> impl Stream<Item = Result<Bytes, Box<dyn Error>>> {
    stream::unfold(Some(Box::new(download)), async |download| {
        let mut download = download?;
        match download.next().await {
            Ok(chunk) => Some((Ok(chunk?), Some(download))),
            Err(error) => {
                let (request_id, cause) = (&download.request_id, chain(&*error));
                tracing::error!(%request_id, cause, "an export was cut off");
                Some((Err(error), None))
            }
        }
    })
}

/// An export that is being sent.
struct Download {
    export: Export,
    writer: ExportWriter,
    claims: AccessClaims,
    api: Data<Api>,
    /// The rest of the part that was read last.
    unsent: Bytes,
    /// Whether all parts were read.
    is_read: bool,
    activity: Option<Arc<Activity>>,
    request_id: Rc<str>,
}

impl Download {
    /// Returns the next chunk; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Box<dyn Error>> {
        // The connection waits for storage while a part is read, and for the client otherwise.
        if let Some(activity) = &self.activity {
            activity.begin();
        }
        while self.unsent.is_empty() && !self.is_read {
            self.unsent = self.read().await?.into();
        }
        if let Some(activity) = &self.activity {
            activity.end();
        }
        let length = self.unsent.len().min(CHUNK);
        let chunk = self.unsent.split_to(length);
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    async fn read(&mut self) -> Result<Vec<u8>, Box<dyn Error>> {
        // A large export may take longer than a token is valid.
        match self.api.verifier.recheck_access(&self.claims, self.api.clock.now()).await {
            Ok(()) | Err(TokenError::Expired) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(part) = self.export.next().await? {
            return Ok(self.writer.write(part)?);
        }
        self.is_read = true;
        Ok(self.writer.end())
    }
}
