//! Listings in pages, with tokens that fit one listing only.

use serde_json::Value;

/// One page of a listing.
#[derive(Debug, PartialEq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_token: Option<String>,
}

impl<T> Page<T> {
    /// The items, each described.
    pub(crate) fn describe(self, describe: impl FnMut(T) -> Value) -> Page<Value> {
        Page {
            items: self.items.into_iter().map(describe).collect(),
            next_token: self.next_token,
        }
    }
}

/// A token that no page of this listing has given out.
#[derive(Debug, PartialEq)]
pub(crate) struct InvalidToken;

/// The order of a listing's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// A listing whose items have keys that order them. Only the items of the page
/// that is asked for need to be described.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    items: Vec<(String, T)>,
    order: Order,
    fingerprint: u64,
}

/// Members of a request that say how to page, not what to list.
const PAGING_MEMBERS: [&str; 3] = ["NextToken", "MaxResults", "MaxRecords"];

impl<T> Listing<T> {
    /// `request` is what distinguishes this listing from others.
    pub(crate) fn new(
        operation: &str,
        request: &Value,
        order: Order,
        mut items: Vec<(String, T)>,
    ) -> Self {
        items.sort_by(|(a, _), (b, _)| match order {
            Order::Ascending => a.cmp(b),
            Order::Descending => b.cmp(a),
        });
        Self {
            items,
            order,
            fingerprint: fingerprint(operation, request),
        }
    }

    /// At most `size` items after the place that the token names.
    ///
    /// The token names the last item given, so that a listing goes on rightly
    /// when items come and go between two pages.
    pub(crate) fn page(self, size: usize, token: Option<&str>) -> Result<Page<T>, InvalidToken> {
        let after = token.map(|token| self.read(token)).transpose()?;
        let mut rest = self
            .items
            .into_iter()
            .filter(|(key, _)| match (&after, self.order) {
                (None, _) => true,
                (Some(after), Order::Ascending) => key > after,
                (Some(after), Order::Descending) => key < after,
            })
            .peekable();
        let mut items = Vec::new();
        let mut last = None;
        while let Some((key, item)) = rest.next_if(|_| items.len() < size) {
            items.push(item);
            last = Some(key);
        }
        let next_token = last
            .filter(|_| rest.peek().is_some())
            .map(|key| write(self.fingerprint, &key));
        Ok(Page { items, next_token })
    }

    fn read(&self, token: &str) -> Result<String, InvalidToken> {
        let bytes = unhex(token).ok_or(InvalidToken)?;
        let (fingerprint, key) = bytes.split_first_chunk().ok_or(InvalidToken)?;
        if u64::from_be_bytes(*fingerprint) != self.fingerprint {
            return Err(InvalidToken);
        }
        String::from_utf8(key.to_vec()).map_err(|_| InvalidToken)
    }
}

fn write(fingerprint: u64, key: &str) -> String {
    fingerprint
        .to_be_bytes()
        .iter()
        .chain(key.as_bytes())
        .fold(String::new(), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(digit.into(), 16));
            }
            text
        })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// The FNV-1a hash of what is listed.
fn fingerprint(operation: &str, request: &Value) -> u64 {
    let mut members: Vec<String> = request
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !PAGING_MEMBERS.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    members.sort();
    members.insert(0, operation.to_owned());
    members
        .join("&")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing(request: &Value, order: Order, keys: &[&str]) -> Listing<Value> {
        let items = keys
            .iter()
            .map(|key| ((*key).to_owned(), json!(key)))
            .collect();
        Listing::new("List", request, order, items)
    }

    fn walk(order: Order, size: usize) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let page = listing(&json!({}), order, &["c", "a", "e", "b", "d"])
                .page(size, token.as_deref())
                .expect("a valid token");
            pages.push(page.items);
            token = page.next_token;
            if token.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn pages_cover_a_listing_once_in_order() {
        assert_eq!(
            walk(Order::Ascending, 2),
            [vec!["a", "b"], vec!["c", "d"], vec!["e"]]
        );
        assert_eq!(
            walk(Order::Descending, 3),
            [vec!["e", "d", "c"], vec!["b", "a"]]
        );
        assert_eq!(
            walk(Order::Ascending, 5).len(),
            1,
            "no token after the last item"
        );
    }

    #[test]
    fn a_listing_goes_on_after_an_item_that_is_gone() {
        let first = listing(&json!({}), Order::Ascending, &["a", "b", "c"]).page(2, None);
        let token = first.expect("a page").next_token;
        let rest =
            listing(&json!({}), Order::Ascending, &["a", "c", "d"]).page(2, token.as_deref());
        assert_eq!(rest.expect("a page").items, ["c", "d"]);
    }

    #[test]
    fn a_token_fits_its_own_listing_only() {
        let request = json!({"ResourceId": "x", "MaxResults": 2});
        let token = listing(&request, Order::Ascending, &["a", "b", "c"])
            .page(2, None)
            .expect("a page")
            .next_token;
        let again = |request: Value, token: Option<&str>| {
            listing(&request, Order::Ascending, &["a", "b", "c"])
                .page(2, token)
                .map(|page| page.items)
        };
        let token = token.as_deref();
        assert_eq!(
            again(json!({"ResourceId": "x", "MaxResults": 9}), token),
            Ok(vec![json!("c")])
        );
        assert_eq!(again(json!({"ResourceId": "y"}), token), Err(InvalidToken));
        for token in ["", "zz", "abc", "00000000000000000000"] {
            assert_eq!(
                again(json!({"ResourceId": "x"}), Some(token)),
                Err(InvalidToken)
            );
        }
    }
}
