//! Whose tokens are taken besides our own.

use super::{
    InvalidSetting,
    value::{parsed, present},
};
use crate::program::wiring::JwksUrl;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct ExternalIssuer {
    /// Where it publishes its keys.
    pub jwks_url: JwksUrl,
    /// `iss`
    pub issuer: String,
    /// What `aud` has in it.
    pub audience: String,
}

const JWKS_URL: (&str, &str) = ("JWKS_URL", "https://auth.example.org/api/auth/jwks");
const JWT_ISSUER: (&str, &str) = ("JWT_ISSUER", "https://auth.example.org");
const JWT_AUDIENCE: (&str, &str) = ("JWT_AUDIENCE", "https://auth.example.org");

/// All three settings, or none.
pub fn external_issuer(
    jwks_url: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
    fault: &mut impl FnMut(InvalidSetting),
) -> Option<ExternalIssuer> {
    let given = [present(jwks_url), present(issuer), present(audience)];
    if given.iter().all(Option::is_none) {
        return None;
    }
    for ((name, example), value) in [JWKS_URL, JWT_ISSUER, JWT_AUDIENCE].into_iter().zip(&given) {
        if value.is_none() {
            let fault_of = "is needed too: JWKS_URL, JWT_ISSUER and JWT_AUDIENCE belong together".to_owned();
            fault(InvalidSetting { name, fault: fault_of, example });
        }
    }
    let [jwks_url, issuer, audience] = given;
    let jwks_url = parsed(JWKS_URL.0, jwks_url, JWKS_URL.1, fault);
    Some(ExternalIssuer { jwks_url: jwks_url?, issuer: issuer?, audience: audience? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: [Option<&str>; 3]) -> (Option<ExternalIssuer>, Vec<String>) {
        let mut faults = Vec::new();
        let [jwks_url, issuer, audience] = values.map(|value| value.map(str::to_owned));
        let read = external_issuer(jwks_url, issuer, audience, &mut |fault| faults.push(fault.to_string()));
        (read, faults)
    }

    const URL: Option<&str> = Some("https://issuer.example/jwks");

    #[test]
    fn another_issuer_has_all_three_settings_or_none() {
        assert!(matches!(read([None, Some(" "), None]), (None, faults) if faults.is_empty()));
        let (issuer, faults) = read([URL, Some("iss"), Some("aud")]);
        let issuer = issuer.unwrap();
        assert_eq!((issuer.issuer.as_str(), issuer.audience.as_str(), faults.len()), ("iss", "aud", 0));
        for (values, missing) in [
            ([URL, None, None], vec!["JWT_ISSUER", "JWT_AUDIENCE"]),
            ([URL, Some("iss"), None], vec!["JWT_AUDIENCE"]),
            ([None, Some("iss"), Some("")], vec!["JWKS_URL", "JWT_AUDIENCE"]),
        ] {
            let (issuer, faults) = read(values);
            assert!(issuer.is_none());
            let named: Vec<_> = faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
            assert_eq!(named, missing);
        }
    }

    #[test]
    fn keys_that_anybody_could_put_in_the_way_are_refused_without_showing_the_address() {
        let (issuer, faults) = read([Some("http://user:secret@issuer.example/jwks"), Some("iss"), Some("aud")]);
        assert!(issuer.is_none());
        assert!(faults[0].starts_with("JWKS_URL: must be an https:// address") && !faults[0].contains("secret"));
    }
}
