//! Where webhooks may be sent, and how often it is tried.

use super::{limits::network, source::Source};
use fasttrack_domain::webhook::RetrySchedule;
use ipnet::IpNet;

/// Settings of webhooks.
#[derive(Debug)]
pub struct Webhooks {
    /// Networks that may be sent to although they are not public.
    pub allowed_networks: Vec<IpNet>,
    /// When failed deliveries are tried again.
    pub retries: RetrySchedule,
}

impl Webhooks {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Webhooks");
        Self {
            allowed_networks: source
                .setting(
                    "WEBHOOK_ALLOW_NETWORKS",
                    "Addresses or networks, comma-separated, that webhooks may be sent to although they are not public, and \
                     by http too; all others must be public, and https",
                )
                .value_name("NETWORKS")
                .default_is("none")
                .example("10.1.2.0/24")
                .list(network),
            retries: source
                .setting(
                    "WEBHOOK_RETRY_SECONDS",
                    "Seconds after the first, second … failed attempt at which a webhook's delivery is tried again, \
                     comma-separated (1 to 20 numbers, which may be fractions, to 86400)",
                )
                .value_name("SECONDS")
                .default_value(RetrySchedule::default())
                .parsed()
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the settings from these values, and returns the faults too.
    fn read<const N: usize>(values: [(&'static str, &str); N]) -> (Webhooks, Vec<String>) {
        let given = values.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let mut source = Source::new(&given);
        (Webhooks::read(&mut source), source.finish().1.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nothing_but_public_addresses_is_allowed_by_default() {
        let (webhooks, faults) = read([]);
        assert!(webhooks.allowed_networks.is_empty() && faults.is_empty());
        assert_eq!(webhooks.retries.to_string(), "5,300,1800,7200,18000,36000,36000");
    }

    #[test]
    fn networks_and_pauses_are_comma_separated() {
        let (webhooks, faults) =
            read([("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8, ::1"), ("WEBHOOK_RETRY_SECONDS", "0.2, 5")]);
        assert!(faults.is_empty(), "{faults:?}");
        let networks: Vec<_> = webhooks.allowed_networks.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["127.0.0.0/8", "::1/128"]);
        assert_eq!(webhooks.retries.to_string(), "0.2,5");
    }

    #[test]
    fn wrong_networks_and_pauses_are_refused() {
        for (name, value) in [
            ("WEBHOOK_ALLOW_NETWORKS", "localhost"),
            ("WEBHOOK_ALLOW_NETWORKS", "10.0.0.0/33"),
            ("WEBHOOK_RETRY_SECONDS", "0"),
            ("WEBHOOK_RETRY_SECONDS", "5,-1"),
            ("WEBHOOK_RETRY_SECONDS", "86401"),
            ("WEBHOOK_RETRY_SECONDS", "5,,5"),
            ("WEBHOOK_RETRY_SECONDS", "soon"),
            ("WEBHOOK_RETRY_SECONDS", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
        ] {
            let (webhooks, faults) = read([(name, value)]);
            let [fault] = &faults[..] else { panic!("{value}: {faults:?}") };
            assert!(fault.starts_with(&format!("{name}: ")), "{fault}");
            assert!(webhooks.allowed_networks.is_empty() && webhooks.retries == RetrySchedule::default());
        }
    }
}
