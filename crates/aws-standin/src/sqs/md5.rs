//! The MD5 digest (RFC 1321), which SQS sends back of every message body.
//!
//! It guards against nothing but accidents on the way, and no other part of the
//! stand-in needs a digest: forty lines are less than a dependency.

/// The digest in hexadecimal digits, as SQS writes it.
pub(crate) fn md5(text: &[u8]) -> String {
    let mut padded = text.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() < text.len() + 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let bits = (text.len() as u64).wrapping_mul(8).to_le_bytes();
    let end = padded.len() - bits.len();
    padded[end..].copy_from_slice(&bits);

    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let sines = sines();
    for block in padded.as_chunks::<64>().0 {
        digest_block(&mut state, block, &sines);
    }
    // The bytes of each word come lowest first, their digits highest first.
    state
        .map(|word: u32| format!("{:08x}", word.swap_bytes()))
        .concat()
}

const SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// "The integer part of 4294967296 times abs(sin(i)), where i is in radians."
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product is between 0 and 2^32"
)]
fn sines() -> [u32; 64] {
    let mut index = 0.0_f64;
    [(); 64].map(|()| {
        index += 1.0;
        (index.sin().abs() * 4_294_967_296.0) as u32
    })
}

fn digest_block(state: &mut [u32; 4], block: &[u8; 64], sines: &[u32; 64]) {
    let words: Vec<_> = block
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| u32::from_le_bytes(*bytes))
        .collect();
    let [mut a, mut b, mut c, mut d] = *state;
    for (step, sine) in sines.iter().enumerate() {
        let (mixed, word) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        let sum = a
            .wrapping_add(mixed)
            .wrapping_add(*sine)
            .wrapping_add(words[word % 16]);
        let turned = sum.rotate_left(SHIFTS[step / 16][step % 4]);
        (a, d, c, b) = (d, c, b, b.wrapping_add(turned));
    }
    for (word, addend) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(addend);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test suite of RFC 1321, and lengths around a block's.
    #[test]
    fn digests_are_those_of_the_standard() {
        let digits = "1234567890".repeat(8);
        for (text, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "abcdefghijklmnopqrstuvwxyz",
                "c3fcd3d76192e4007dfb496cca67e13b",
            ),
            (digits.as_str(), "57edf4a22be3c955ac49da2e2107b67a"),
            (&"a".repeat(55), "ef1772b6dff9a122358552954ad0df65"),
            (&"a".repeat(56), "3b0c8ac703f828b04c6c197006d17218"),
            (&"a".repeat(64), "014842d480b571495a4a0363793f7367"),
        ] {
            assert_eq!(md5(text.as_bytes()), digest, "{text}");
        }
    }
}
