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

/// Where a page of a listing begins, and how long it may be.
///
/// The token names the last item given, so that a listing goes on rightly when
/// items come and go between two pages, and a page costs no more in a large
/// account than in a small one.
#[derive(Debug, PartialEq)]
pub(crate) struct Cursor {
    fingerprint: u64,
    after: Option<String>,
    size: usize,
}

/// Members of a request that say how to page, not what to list.
const PAGING_MEMBERS: [&str; 6] = [
    "MaxDatapoints",
    "NextToken",
    "MaxResults",
    "MaxRecords",
    "PaginationToken",
    "ResourcesPerPage",
];

impl Cursor {
    /// `request` is what distinguishes this listing from others.
    pub(crate) fn new(
        operation: &str,
        request: &Value,
        size: usize,
        token: Option<&str>,
    ) -> Result<Self, InvalidToken> {
        let fingerprint = fingerprint(operation, request);
        let after = token.map(|token| read(fingerprint, token)).transpose()?;
        Ok(Self {
            fingerprint,
            after,
            size,
        })
    }

    /// The key of the last item that was given.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The page of items that come in order and begin after the last one given.
    pub(crate) fn page<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let mut rest = items.into_iter();
        let mut items = Vec::new();
        let mut last = None;
        for (key, item) in rest.by_ref().take(self.size) {
            items.push(item);
            last = Some(key);
        }
        let next_token = last
            .filter(|_| rest.next().is_some())
            .map(|key| write(self.fingerprint, &key));
        Page { items, next_token }
    }

    /// The page of items that come in any order.
    pub(crate) fn page_sorted<T>(
        &self,
        order: Order,
        items: impl IntoIterator<Item = (String, T)>,
    ) -> Page<T> {
        let compare = |a: &String, b: &String| match order {
            Order::Ascending => a.cmp(b),
            Order::Descending => b.cmp(a),
        };
        let ahead = |key: &String| {
            let after = self.after.as_ref();
            after.is_none_or(|after| compare(key, after).is_gt())
        };
        let mut items: Vec<_> = items.into_iter().filter(|(key, _)| ahead(key)).collect();
        // One item more than the page tells whether there is a next one.
        if items.len() > self.size + 1 {
            items.select_nth_unstable_by(self.size, |(a, _), (b, _)| compare(a, b));
            items.truncate(self.size + 1);
        }
        items.sort_by(|(a, _), (b, _)| compare(a, b));
        self.page(items)
    }
}

fn read(fingerprint: u64, token: &str) -> Result<String, InvalidToken> {
    let bytes = unhex(token).ok_or(InvalidToken)?;
    let (found, key) = bytes.split_first_chunk().ok_or(InvalidToken)?;
    if u64::from_be_bytes(*found) != fingerprint {
        return Err(InvalidToken);
    }
    String::from_utf8(key.to_vec()).map_err(|_| InvalidToken)
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

    fn page(
        request: &Value,
        order: Order,
        keys: &[&str],
        size: usize,
        token: Option<&str>,
    ) -> Result<Page<Value>, InvalidToken> {
        let items = keys.iter().map(|key| ((*key).to_owned(), json!(key)));
        let cursor = Cursor::new("List", request, size, token)?;
        Ok(cursor.page_sorted(order, items))
    }

    fn walk(order: Order, size: usize) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut token = None;
        loop {
            let keys = ["c", "a", "e", "b", "d"];
            let page = page(&json!({}), order, &keys, size, token.as_deref());
            let page = page.expect("a valid token");
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
        let list = |keys: &[&str], token: Option<&str>| {
            page(&json!({}), Order::Ascending, keys, 2, token).expect("a page")
        };
        let token = list(&["a", "b", "c"], None).next_token;
        let rest = list(&["a", "c", "d"], token.as_deref());
        assert_eq!(rest.items, ["c", "d"]);
    }

    #[test]
    fn a_token_fits_its_own_listing_only() {
        let request = json!({"ResourceId": "x", "MaxResults": 2});
        let keys = ["a", "b", "c"];
        let token = page(&request, Order::Ascending, &keys, 2, None)
            .expect("a page")
            .next_token;
        let again = |request: Value, token: Option<&str>| {
            page(&request, Order::Ascending, &keys, 2, token).map(|page| page.items)
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
