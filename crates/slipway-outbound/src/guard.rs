//! Which addresses are of the public Internet, and so may be connected to for anybody who asks.
//!
//! IANA's registries of special-purpose addresses (RFC 6890 and its updates) say which are not globally reachable;
//! clouds hand out credentials at a few more.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are not public, and what they are.
const NETWORKS: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a provider's shared network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    // Azure's WireServer, which is reachable from each of its virtual machines.
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud's metadata"),
    // With 169.254.169.254, where most clouds hand out credentials.
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a relay to IPv6"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// Whether the address is public.
///
/// # Errors
/// What it is instead.
pub fn judge(address: IpAddr) -> Result<(), &'static str> {
    match address {
        IpAddr::V4(address) => judge_v4(address),
        IpAddr::V6(address) => judge_v6(address),
    }
}

fn judge_v4(address: Ipv4Addr) -> Result<(), &'static str> {
    let lies_in = |(network, bits, _): &&(Ipv4Addr, u32, &str)| {
        (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits
    };
    NETWORKS.iter().find(lies_in).map_or(Ok(()), |(_, _, what)| Err(what))
}

fn judge_v6(address: Ipv6Addr) -> Result<(), &'static str> {
    let [first, second, ..] = address.segments();
    match (first, second) {
        _ if address.is_loopback() => Err("loopback"),
        _ if address.is_unspecified() => Err("unspecified"),
        // Whatever it maps to: nobody needs to write an address so.
        _ if address.to_ipv4_mapped().is_some() => Err("an IPv4 address in disguise"),
        // NAT64 (RFC 6052): such networks have no other way to IPv4.
        (0x0064, 0xff9b) if address.segments().get(2..6) == Some(&[0; 4]) => {
            let [.., a, b, c, d] = address.octets();
            judge_v4(Ipv4Addr::new(a, b, c, d))
        }
        (0xfc00..=0xfdff, _) => Err("a private network"),
        (0xfe80..=0xfebf, _) => Err("link-local"),
        (0xff00..=0xffff, _) => Err("multicast"),
        (0x2001, 0x0000..=0x01ff) => Err("for protocols"),
        (0x2001, 0x0db8) | (0x3fff, 0x0000..=0x0fff) => Err("for documentation"),
        // 6to4 has an IPv4 address within.
        (0x2002, _) => Err("an IPv4 address in disguise"),
        // Everything that was given out to be reached by all (RFC 4291 section 2.4, IANA).
        (0x2000..=0x3fff, _) => Ok(()),
        _ => Err("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(address: &str) -> Result<(), &'static str> {
        judge(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_let_through() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "20.190.128.1",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2603:1006:2000::1",
            "2001:4860:4860::8888",
            "2001:200::1",
            "64:ff9b::1.1.1.1",
        ];
        for address in public {
            assert_eq!(judged(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "4000::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in refused {
            assert!(judged(address).is_err(), "{address}");
        }
    }

    proptest! {
        /// The standard library's idea of these kinds is the second source.
        #[test]
        fn no_special_address_of_the_standard_library_is_public(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let is_special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            prop_assert!(!is_special || judge_v4(address).is_err());
            prop_assert!(judge_v6(address.to_ipv6_mapped()).is_err());
            prop_assert!(judge_v6(address.to_ipv6_compatible()).is_err());
        }
    }
}
