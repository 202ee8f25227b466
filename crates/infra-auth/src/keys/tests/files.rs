//! Key files: creation, formats and permissions.

use super::*;
use aws_lc_rs::{
    encoding::{AsDer, EcPrivateKeyRfc5915Der, PublicKeyX509Der},
    rsa::KeyPair as RsaKeyPair,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use std::{sync::Barrier, thread};

const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDaTcXiHS1EbsrPb+e1cfXEQP4n
598XcX53sNwGgK19C1DvewgfguQKNEciFznTqtLK9ilJr2b8z1uWYrKEz0obytr4
6aHtwEwaTkm53lMNnUI9yap79qbE/GxuNtyfNpkPjufzqpy40bBQAZrtq4a5P/2R
Y5jA3C8BtzxbHQFHPQIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn new_key_file_is_private_and_loads_again() {
    for algorithm in PAIRS {
        let folder = Folder::new();
        let path = folder.path("key.pem");
        let made = generate(&path, algorithm).unwrap();
        assert_eq!(made.algorithm(), algorithm);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(SigningKey::load(&path).unwrap().kid(), made.kid());
        assert_eq!(VerificationKey::load(&path).unwrap().kid(), made.kid());
        assert_eq!(folder.names(), ["key.pem"]);
    }
}

#[test]
fn a_file_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.file("mine");
    assert!(matches!(generate(&path, KeyAlgorithm::EdDSA), Err(KeyError::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");

    let link = folder.path("link.pem");
    std::os::unix::fs::symlink(folder.path("nowhere.pem"), &link).unwrap();
    assert!(matches!(generate(&link, KeyAlgorithm::EdDSA), Err(KeyError::Exists { .. })));
    let mut names = folder.names();
    names.sort();
    assert_eq!(names, ["given.pem", "link.pem"]);
}

#[test]
fn the_folder_of_a_new_key_must_exist() {
    let path = Folder::new().path("no/such/key.pem");
    let error = generate(&path, KeyAlgorithm::EdDSA).unwrap_err();
    assert!(matches!(error, KeyError::NoFolder { .. }));
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}

#[test]
fn key_formats_of_other_programs_are_read() {
    let folder = Folder::new();
    let rsa = pkcs8(folder.file(pem::generate(KeyAlgorithm::RS256).unwrap()));
    let kid = SigningKey::load(&folder.pem("PRIVATE KEY", rsa.clone())).unwrap().kid().to_owned();
    let pkcs1 = EncodingKey::from_rsa_pem(::pem::encode(&Pem::new("PRIVATE KEY", rsa.clone())).as_bytes()).unwrap();
    assert_eq!(SigningKey::load(&folder.pem("RSA PRIVATE KEY", pkcs1.as_bytes())).unwrap().kid(), kid);
    let pair = RsaKeyPair::from_pkcs8(&rsa).unwrap();
    assert_eq!(VerificationKey::load(&folder.pem("RSA PUBLIC KEY", pair.public_key().as_ref())).unwrap().kid(), kid);
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    assert_eq!(VerificationKey::load(&folder.pem("PUBLIC KEY", spki.as_ref())).unwrap().kid(), kid);

    let p256 = pkcs8(folder.file(pem::generate(KeyAlgorithm::ES256).unwrap()));
    let kid = SigningKey::load(&folder.pem("PRIVATE KEY", p256.clone())).unwrap().kid().to_owned();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &p256).unwrap();
    let sec1: EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    let parameters = Pem::new("EC PARAMETERS", [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let with_parameters = ::pem::encode_many(&[parameters, Pem::new("EC PRIVATE KEY", sec1.as_ref())]);
    assert_eq!(SigningKey::load(&folder.file(with_parameters)).unwrap().kid(), kid);
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    assert_eq!(VerificationKey::load(&folder.pem("PUBLIC KEY", spki.as_ref())).unwrap().kid(), kid);

    let ed25519 = pkcs8(folder.file(pem::generate(KeyAlgorithm::EdDSA).unwrap()));
    let kid = SigningKey::load(&folder.pem("PRIVATE KEY", ed25519.clone())).unwrap().kid().to_owned();
    let pair = Ed25519KeyPair::from_pkcs8(&ed25519).unwrap();
    let version_2 = pair.to_pkcs8().unwrap();
    assert_eq!(SigningKey::load(&folder.pem("PRIVATE KEY", version_2.as_ref())).unwrap().kid(), kid);
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    assert_eq!(VerificationKey::load(&folder.pem("PUBLIC KEY", spki.as_ref())).unwrap().kid(), kid);
}

#[test]
fn unusable_key_is_refused_without_showing_it() {
    let folder = Folder::new();
    let p384 = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let mut cut = pkcs8(folder.file(pem::generate(KeyAlgorithm::RS256).unwrap()));
    cut.truncate(900);
    for path in [
        ("empty", ""),
        ("no PEM", "hunter2"),
        ("too short", RSA_1024),
        ("a certificate", "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n"),
        ("encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVudGVyMg==\n-----END ENCRYPTED PRIVATE KEY-----\n"),
        ("garbage", "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"),
        ("another curve", &::pem::encode(&Pem::new("PRIVATE KEY", p384.to_pkcs8v1().unwrap().as_ref()))),
        ("cut off", &::pem::encode(&Pem::new("PRIVATE KEY", cut))),
    ] {
        let (what, content) = path;
        let file = folder.file(content);
        for error in [SigningKey::load(&file).unwrap_err(), VerificationKey::load(&file).unwrap_err()] {
            assert!(matches!(error, KeyError::Unusable { .. }), "{what}: {error:?}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(file.to_str().unwrap()), "{what}: {shown}");
            assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{what}: {shown}");
        }
    }
    assert!(matches!(SigningKey::load(&folder.path("none.pem")), Err(KeyError::Read { .. })));
    assert!(matches!(SigningKey::load(&folder.file(RFC_7638)), Err(KeyError::NotPrivate { .. })));
}

#[test]
fn first_starts_at_the_same_time_end_with_the_same_key() {
    let folder = Folder::new();
    let path = folder.path("key.pem");
    let gate = Barrier::new(8);
    let kids: Vec<String> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    gate.wait();
                    SigningKey::load_or_create(&path, Some(KeyAlgorithm::ES256)).unwrap().kid().to_owned()
                })
            })
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    assert_eq!(folder.names(), ["key.pem"]);
}

#[test]
fn existing_key_is_loaded_if_its_algorithm_matches() {
    let folder = Folder::new();
    let path = folder.path("key.pem");
    let made = SigningKey::load_or_create(&path, Some(KeyAlgorithm::EdDSA)).unwrap();
    assert_eq!(SigningKey::load_or_create(&path, None).unwrap().kid(), made.kid());
    let error = SigningKey::load_or_create(&path, Some(KeyAlgorithm::RS256)).unwrap_err();
    assert!(
        matches!(error, KeyError::Algorithm { found: KeyAlgorithm::EdDSA, wanted: KeyAlgorithm::RS256, .. }),
        "{error:?}"
    );
    let default = SigningKey::load_or_create(&folder.path("default.pem"), None).unwrap();
    assert_eq!(default.algorithm(), KeyAlgorithm::RS256);
}

#[test]
fn a_private_key_that_others_can_read_or_write_is_refused() {
    let folder = Folder::new();
    let private = pem::generate(KeyAlgorithm::EdDSA).unwrap();
    for (content, is_private) in
        [(private.clone(), true), (format!("{RFC_7638}{private}"), true), (RFC_7638.to_owned(), false)]
    {
        let path = folder.file(content);
        for (mode, is_exposed) in [
            (0o600, false),
            (0o400, false),
            (0o440, false),
            (0o640, false),
            (0o660, false),
            (0o604, true),
            (0o602, true),
            (0o644, true),
            (0o666, true),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match VerificationKey::load(&path) {
                Ok(_) => assert!(!(is_exposed && is_private), "{mode:o}"),
                Err(error) => {
                    assert!(is_exposed && is_private && matches!(error, KeyError::Exposed { .. }), "{mode:o}: {error}");
                    let text = error.to_string();
                    assert!(text.contains(&format!("chmod 600 {}", path.display())), "{text}");
                    assert!(text.contains(&format!("mode {mode:04o}")), "{text}");
                }
            }
        }
    }
    let path = folder.file(private);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(SigningKey::load(&path), Err(KeyError::Exposed { mode: 0o644, .. })));
    assert!(matches!(SigningKey::load_or_create(&path, None), Err(KeyError::Exposed { .. })));
}
