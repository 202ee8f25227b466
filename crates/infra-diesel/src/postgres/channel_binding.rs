//! Channel binding: ties the login with a password to the TLS connection by the hash of the server's certificate, which RFC
//! 5929 (section 4) calls `tls-server-end-point`.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// The hash of a certificate, by the hash function of its signature, or by SHA-256 where that is MD5 or SHA-1. `None` where
/// the signature algorithm has no hash function of its own, as Ed25519: then there is no channel binding.
pub(super) fn certificate_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = algorithm(signature(certificate)?)?;
    Some(digest(algorithm, certificate).as_ref().to_owned())
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The object identifier of a certificate's signature algorithm (RFC 5280, section 4.1).
fn signature(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, rest) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, rest)?;
    Some(element(OBJECT_IDENTIFIER, algorithm)?.0)
}

/// The contents of the DER element that `der` begins with, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, short], rest) = der.split_first_chunk()?;
    let (length, rest) = match usize::from(short) {
        short @ ..0x80 => (short, rest),
        long => {
            let (length, rest) = rest.split_at_checked(long - 0x80)?;
            // Lengths of certificates fit in four bytes.
            let fits = length.len() <= 4;
            (fits.then(|| length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))?, rest)
        }
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

fn algorithm(identifier: &[u8]) -> Option<&'static Algorithm> {
    /// `1.2.840.113549.1.1`: RSA with PKCS #1.
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    /// `1.2.840.10045.4`: ECDSA.
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    let under = |arc| identifier.strip_prefix(arc);
    match (under(RSA), under(ECDSA)) {
        // MD5, SHA-1 and SHA-256.
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Some(&SHA256),
        (Some([12]), _) | (_, Some([3, 3])) => Some(&SHA384),
        (Some([13]), _) | (_, Some([3, 4])) => Some(&SHA512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    #[test]
    fn a_certificate_is_hashed_as_it_was_signed() {
        for (signed, hashed) in
            [(&PKCS_ECDSA_P256_SHA256, Some(32)), (&PKCS_ECDSA_P384_SHA384, Some(48)), (&PKCS_ED25519, None)]
        {
            let key = KeyPair::generate_for(signed).unwrap();
            let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
            assert_eq!(certificate_hash(certificate.der()).map(|hash| hash.len()), hashed);
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        for der in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x7f, 0x30], &[0x31, 0]] {
            assert_eq!(certificate_hash(der), None);
        }
    }
}
