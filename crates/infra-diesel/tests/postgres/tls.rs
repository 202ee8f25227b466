//! Encrypted connections to a server with a certificate of our own making.

use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::postgres::{self, Cluster};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::NamedTempFile;

/// Takes encrypted connections only, but for the owner's; `app` has to show a password.
const ACCESS: &str = "host all postgres 127.0.0.1/32 trust\nhostssl all app 127.0.0.1/32 scram-sha-256\n";

struct Secure {
    cluster: Cluster,
    root: NamedTempFile,
}

impl Secure {
    /// With a certificate for `name`, from an authority that only `root` knows.
    fn start(name: &str) -> Option<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let cluster = postgres::Options::default()
            .file("server.crt", &certificate.pem())
            .file("server.key", &key.serialize_pem())
            .file("pg_hba.conf", ACCESS)
            .setting("ssl", "on")
            .start()?;
        cluster.execute("CREATE ROLE app LOGIN PASSWORD 's3cret'");
        let root = NamedTempFile::new().unwrap();
        std::fs::write(root.path(), authority.pem()).unwrap();
        Some(Self { cluster, root })
    }

    /// The reason why there is no connection.
    async fn connect(&self, parameters: &str) -> Result<(), String> {
        let root = format!("sslrootcert={}", self.root.path().display());
        let url = self.cluster.url("postgres").replace("postgres@", "app:s3cret@");
        let url = format!("{url}?{}", parameters.replace("ROOT", &root));
        let database = Database::open(&url, 1).map_err(|error| error.to_string())?;
        database.schema_state().await.map(drop).map_err(|error| error.to_string())
    }
}

#[tokio::test]
async fn trusted_certificate_of_the_host_is_accepted() {
    let Some(secure) = Secure::start("127.0.0.1") else { return };
    for parameters in [
        "",
        "sslmode=prefer",
        "sslmode=require&ROOT",
        "sslmode=verify-ca&ROOT",
        "sslmode=verify-full&ROOT",
        "sslmode=require&channel_binding=require&ROOT",
    ] {
        secure.connect(parameters).await.unwrap_or_else(|reason| panic!("{parameters}: {reason}"));
    }
    for parameters in ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full&sslrootcert=system"] {
        let reason = secure.connect(parameters).await.unwrap_err();
        assert!(reason.contains("certificate"), "{parameters}: {reason}");
    }
    let reason = secure.connect("sslmode=disable").await.unwrap_err();
    assert!(reason.contains("no encryption"), "{reason}");
}

#[tokio::test]
async fn certificate_of_another_host_is_refused_but_by_verify_ca() {
    let Some(secure) = Secure::start("db.example.org") else { return };
    secure.connect("sslmode=verify-ca&ROOT").await.unwrap();
    for parameters in ["sslmode=require&ROOT", "sslmode=verify-full&ROOT"] {
        let reason = secure.connect(parameters).await.unwrap_err();
        assert!(reason.contains("certificate"), "{parameters}: {reason}");
    }
}

#[tokio::test]
async fn a_server_without_encryption_is_refused_where_it_is_required() {
    let Some(cluster) = Cluster::shared() else { return };
    let open = |mode: &str| Database::open(&format!("{}?sslmode={mode}", cluster.url("postgres")), 1).unwrap();
    open("prefer").schema_state().await.unwrap();
    let error = open("require").schema_state().await.unwrap_err().to_string();
    assert!(error.contains("does not support TLS"), "{error}");
}
