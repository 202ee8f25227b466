//! Another issuer whose tokens are accepted besides ours.

use super::source::Source;
use crate::program::wiring::types::JwksUrl;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct ExternalIssuer {
    /// Where it publishes its keys.
    pub jwks_url: JwksUrl,
    /// `iss` of its tokens.
    pub issuer: String,
    /// What `aud` of its tokens has to contain.
    pub audience: String,
}

const TOGETHER: &str = "is needed too: JWKS_URL, JWT_ISSUER and JWT_AUDIENCE belong together";

/// All three settings, or none.
pub(super) fn read(source: &mut Source<'_>) -> Option<ExternalIssuer> {
    let mut is_given = [false; 3];
    let jwks_url = source
        .setting(
            "JWKS_URL",
            "Public keys of another issuer whose tokens are accepted, with JWT_ISSUER and JWT_AUDIENCE; https, or http on \
             this machine",
        )
        .value_name("URL")
        .default_is("none")
        .example("https://auth.example.org/api/auth/jwks")
        .read(|raw| {
            is_given[0] = true;
            raw.parse().map_err(|error: <JwksUrl as std::str::FromStr>::Err| error.to_string())
        });
    let mut name = |name, help| source.setting(name, help).value_name("NAME").example("https://auth.example.org").raw();
    let issuer = name("JWT_ISSUER", "`iss` of that issuer's tokens");
    let audience = name("JWT_AUDIENCE", "`aud` of that issuer's tokens");
    (is_given[1], is_given[2]) = (issuer.is_some(), audience.is_some());
    if is_given.contains(&true) {
        for (name, is_given) in ["JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE"].into_iter().zip(is_given) {
            if !is_given {
                source.fault(name, TOGETHER);
            }
        }
    }
    Some(ExternalIssuer { jwks_url: jwks_url?, issuer: issuer?, audience: audience? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(values: [Option<&str>; 3]) -> (Option<ExternalIssuer>, Vec<String>) {
        let names = ["JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE"];
        let given = names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
        let mut source = Source::new(&given);
        (read(&mut source), source.finish().1.iter().map(ToString::to_string).collect())
    }

    const URL: Option<&str> = Some("https://issuer.example/jwks");

    #[test]
    fn another_issuer_has_all_three_settings_or_none() {
        assert!(matches!(read_from([None, Some(" "), None]), (None, faults) if faults.is_empty()));
        let (issuer, faults) = read_from([URL, Some("iss"), Some("aud")]);
        let issuer = issuer.unwrap();
        assert_eq!((issuer.issuer.as_str(), issuer.audience.as_str(), faults.len()), ("iss", "aud", 0));
        for (values, missing) in [
            ([URL, None, None], vec!["JWT_ISSUER", "JWT_AUDIENCE"]),
            ([URL, Some("iss"), None], vec!["JWT_AUDIENCE"]),
            ([None, Some("iss"), Some("")], vec!["JWKS_URL", "JWT_AUDIENCE"]),
        ] {
            let (issuer, faults) = read_from(values);
            assert!(issuer.is_none());
            let named: Vec<_> = faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
            assert_eq!(named, missing);
        }
    }

    #[test]
    fn unsafe_jwks_url_is_refused_and_not_shown() {
        let (issuer, faults) = read_from([Some("http://user:secret@issuer.example/jwks"), Some("iss"), Some("aud")]);
        assert!(issuer.is_none() && faults.len() == 1);
        assert!(faults[0].starts_with("JWKS_URL: must be an https:// address") && !faults[0].contains("secret"));
    }
}
