use fasttrack_domain::{key::InstanceKey, user::Role};
use serde::{Deserialize, Serialize};

/// What a token says, in the order in which it stands there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    /// Key of the user; not part of the contract with clients. Absent in tokens of former releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ukey: Option<InstanceKey>,
    /// Key of the session, likewise.
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
        /// Not part of the contract with clients. Absent, it is the oldest, which any revocation of the user ends.
        #[serde(default)]
        epoch: i64,
    },
    Refresh,
}

impl Kind {
    /// RFC 9068 section 2.1.
    pub(super) const ACCESS_HEADER: &str = "at+jwt";
    pub(super) const REFRESH_HEADER: &str = "JWT";

    pub(super) fn header_type(&self) -> &'static str {
        match self {
            Self::Access { .. } => Self::ACCESS_HEADER,
            Self::Refresh => Self::REFRESH_HEADER,
        }
    }
}
