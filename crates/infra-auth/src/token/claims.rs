use fasttrack_domain::{key::InstanceKey, user::Role};
use serde::{Deserialize, Serialize};

/// The claims of a token, in the order of its JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    /// The user's key. It is not documented for clients, and absent in tokens of old releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ukey: Option<InstanceKey>,
    /// The session's key. It is not documented for clients, and absent in tokens of old releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) skey: Option<InstanceKey>,
    #[serde(flatten)]
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Kind {
    Access {
        role: Role,
        roles: Vec<Role>,
        /// The user's token epoch, which is not documented for clients. A token without one has the oldest, which any
        /// revocation of the user ends.
        #[serde(default)]
        epoch: i64,
    },
    Refresh,
}

impl Kind {
    /// The `typ` of access tokens (RFC 9068 section 2.1).
    pub(super) const ACCESS_HEADER: &str = "at+jwt";
    pub(super) const REFRESH_HEADER: &str = "JWT";

    pub(super) fn header_type(&self) -> &'static str {
        match self {
            Self::Access { .. } => Self::ACCESS_HEADER,
            Self::Refresh => Self::REFRESH_HEADER,
        }
    }
}
