#include "http/message/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <sheafline/utf8.h>

namespace sheafline::http {

namespace {

// Below the limits above which Poco's parser throws.
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxValue = 8'000;
constexpr std::size_t kMaxTarget = 8'000;
constexpr std::size_t kMaxMethod = 24;

constexpr auto kOnce = std::to_array<std::string_view>(
    {"Host", "Content-Length", "Transfer-Encoding", "Authorization", "Content-Type", "Expect",
     "Content-Encoding", "Content-Range", "Range", "Origin", "Last-Event-ID", "Idempotency-Key",
     "Upload-Length", "Upload-Offset", "Upload-Checksum", "Upload-Metadata", "Tus-Resumable"});

[[noreturn]] void bad(std::string detail) {
    throw HttpError(
        400, "BAD_REQUEST",
        std::move(detail) + "; correct the client, or the proxy in front of the server");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool isTokenCharacter(char c) {
    return isLetter(c) || isDigit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

int hexValue(char c) {
    if (isDigit(c)) return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool isTargetCharacter(char c) {
    return isLetter(c) || isDigit(c) ||
           std::string_view("-._~!$&'()*+,;=:@/?%[]|").find(c) != std::string_view::npos;
}

bool isHost(std::string_view host) {
    const bool known = std::all_of(host.begin(), host.end(), [](char c) {
        return isLetter(c) || isDigit(c) ||
               std::string_view("-._~:[]%").find(c) != std::string_view::npos;
    });
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view name = host.substr(0, colon);
    const std::string_view port =
        colon == std::string_view::npos ? std::string_view() : host.substr(colon + 1);
    return known && !name.empty() && (name.front() == '[') == (name.back() == ']') &&
           port.size() <= 5 && std::all_of(port.begin(), port.end(), isDigit);
}

struct RequestLine {
    std::string_view method, target, version;
};

RequestLine splitRequestLine(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        bad("the request line needs a method, a target and a version");
    return {.method = line.substr(0, first),
            .target = line.substr(first + 1, last - first - 1),
            .version = line.substr(last + 1)};
}

std::string decodedSegment(std::string_view text) {
    std::string segment;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 1 < text.size() ? hexValue(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
            if (high < 0 || low < 0) bad("the path has a wrong percent code");
            c = static_cast<char>(high * 16 + low);
            i += 2;
            if (c == '/' || c == '\\') bad("the path has an encoded slash");
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) bad("the path has a control code");
        segment += c;
    }
    if (segment == "." || segment == "..") bad("the path has a dot segment");
    if (!isUtf8(segment)) bad("the path is not valid UTF-8");
    return segment;
}

// Fills target, path, query and segments; returns the authority of an absolute target.
std::string_view readTarget(std::string_view target, RequestHead& head) {
    std::string_view authority;
    if (target.starts_with("http://") || target.starts_with("https://")) {
        target.remove_prefix(target.find("//") + 2);
        authority = target.substr(0, target.find_first_of("/?"));
        if (!isHost(authority)) bad("the target has no valid host");
        target.remove_prefix(authority.size());
        if (!target.starts_with('/')) head.target = "/";
    }
    if (target == "*" && head.method == "OPTIONS") {
        head.target = head.path = "*";
        return authority;
    }
    head.target += target;
    if (!head.target.starts_with('/')) bad("the target must be a path");
    const std::size_t mark = head.target.find('?');
    head.path = head.target.substr(0, mark);
    if (mark != std::string::npos) head.query = head.target.substr(mark + 1);
    std::string_view rest = std::string_view(head.path).substr(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        head.segments.push_back(decodedSegment(rest.substr(0, slash)));
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    return authority;
}

void readField(std::string_view line, RequestHead& head) {
    if (line.front() == ' ' || line.front() == '\t') bad("folded header lines are not accepted");
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !isToken(name)) bad("a header line is malformed");
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (name.size() > kMaxName || value.size() > kMaxValue)
        throw HttpError(431, "HEAD_TOO_LARGE",
                        "a header line is too long; send fewer or shorter header fields");
    const bool once = std::any_of(kOnce.begin(), kOnce.end(),
                                  [&](std::string_view other) { return sameName(name, other); });
    if (once && head.find(name) != nullptr)
        bad("the header " + std::string(name) + " appears twice");
    head.fields.emplace_back(name, value);
}

bool hasListItem(std::string_view list, std::string_view item) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view part = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        const std::size_t from = part.find_first_not_of(" \t");
        if (from == std::string_view::npos) continue;
        part = part.substr(from, part.find_last_not_of(" \t") - from + 1);
        if (sameName(part, item)) return true;
    }
    return false;
}

void readFraming(RequestHead& head) {
    const std::string* length = head.find("Content-Length");
    const std::string* encoding = head.find("Transfer-Encoding");
    if (length != nullptr && encoding != nullptr)
        bad("Content-Length and Transfer-Encoding exclude each other");
    if (length != nullptr) {
        std::uint64_t value = 0;
        const char* end = length->data() + length->size();
        const auto [stop, error] = std::from_chars(length->data(), end, value);
        if (length->size() > 18 || error != std::errc() || stop != end)
            bad("Content-Length must be one decimal number");
        head.content_length = value;
    }
    if (encoding != nullptr) {
        if (head.minor == 0) bad("HTTP/1.0 has no Transfer-Encoding");
        if (encoding->empty()) bad("Transfer-Encoding is empty");
        head.chunked = sameName(*encoding, "chunked");
        if (!head.chunked && hasListItem(*encoding, "chunked") &&
            encoding->find(',') != std::string::npos &&
            hasListItem(encoding->substr(0, encoding->rfind(',')), "chunked"))
            bad("chunked appears twice in Transfer-Encoding");
        if (!head.chunked)
            throw HttpError(501, "NOT_IMPLEMENTED",
                            "the only supported transfer coding is chunked; send the body with it "
                            "or with Content-Length");
    }
}

void readConnection(RequestHead& head) {
    bool close = false;
    bool keep = false;
    for (const auto& [name, value] : head.fields) {
        if (!sameName(name, "Connection")) continue;
        close = close || hasListItem(value, "close");
        keep = keep || hasListItem(value, "keep-alive");
    }
    head.keep_alive = !close && (head.minor == 1 || keep);
    const std::string* expect = head.find("Expect");
    if (expect == nullptr || head.minor == 0) return;
    if (!sameName(*expect, "100-continue"))
        throw HttpError(
            417, "EXPECTATION_FAILED",
            "the only supported expectation is 100-continue; send the request without Expect");
    head.expects_continue = head.hasBody();
}

}  // namespace

bool sameName(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

const std::string* RequestHead::find(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& field) { return sameName(field.first, name); });
    return found == fields.end() ? nullptr : &found->second;
}

void checkRequestLine(std::string_view line) {
    const auto [method, target, version] = splitRequestLine(line);
    if (!isToken(method) || method.size() > kMaxMethod) bad("the method is malformed");
    if (target.empty() || !std::all_of(target.begin(), target.end(), isTargetCharacter))
        bad("the target has a character that must be percent-encoded");
    if (target.size() > kMaxTarget)
        throw HttpError(
            414, "URI_TOO_LONG",
            "the target is too long; shorten the query, or send the values in the body");
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return;
    if (version.size() == 8 && version.starts_with("HTTP/") && isDigit(version[5]) &&
        version[6] == '.' && isDigit(version[7]))
        throw HttpError(
            505, "HTTP_VERSION",
            "the supported versions are HTTP/1.1 and HTTP/1.0; send the request with one of them");
    bad("the version is malformed");
}

bool isRequestId(std::string_view text) {
    constexpr std::size_t kMaxLength = 64;
    const auto is_safe = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= kMaxLength && std::ranges::all_of(text, is_safe);
}

RequestHead parseHead(std::string_view block) {
    if (block.starts_with("\r\n")) block.remove_prefix(2);
    RequestHead head;
    head.fields.reserve(16);
    std::size_t end = block.find("\r\n");
    const auto [method, target, version] = splitRequestLine(block.substr(0, end));
    head.method = method;
    head.minor = version.back() - '0';
    const std::string_view authority = readTarget(target, head);
    for (block.remove_prefix(end + 2); !block.starts_with("\r\n"); block.remove_prefix(end + 2)) {
        end = block.find("\r\n");
        readField(block.substr(0, end), head);
    }
    const std::string* host = head.find("Host");
    if (host == nullptr && head.minor == 1) bad("the Host header is missing");
    if (host != nullptr && !isHost(*host)) bad("the Host header is malformed");
    if (host != nullptr && !authority.empty()) {  // the target's own host rules (RFC 9112, 3.2.2)
        for (auto& [name, value] : head.fields) {
            if (sameName(name, "Host")) value = authority;
        }
    }
    readFraming(head);
    readConnection(head);
    return head;
}

std::optional<std::size_t> HeadScanner::scan(std::string_view bytes) {
    for (; at_ < bytes.size(); ++at_) {
        if (at_ == max_bytes_) {
            if (lines_ == 0)
                throw HttpError(414, "URI_TOO_LONG",
                                "the request line is too long; shorten the query, or send the "
                                "values in the body");
            throw HttpError(431, "HEAD_TOO_LARGE",
                            "the header block is too large; send fewer or shorter header fields");
        }
        const auto c = static_cast<unsigned char>(bytes[at_]);
        const bool after_cr = at_ > 0 && bytes[at_ - 1] == '\r';
        if (after_cr != (c == '\n')) bad("a line must end with CR and LF");
        if (c == '\n') {
            if (endLine(bytes)) return ++at_;
        } else if ((c < 0x20 && c != '\r' && c != '\t') || c == 0x7f || c == 0xff) {
            bad("the head has a control code");
        }
    }
    return std::nullopt;
}

// True at the empty line that ends the head.
bool HeadScanner::endLine(std::string_view bytes) {
    const std::string_view line = bytes.substr(line_start_, at_ - 1 - line_start_);
    const bool first = line_start_ == 0;
    line_start_ = at_ + 1;
    if (lines_ == 0 && line.empty() && first) return false;  // RFC 9112, 2.2 allows one
    if (lines_ == 0) checkRequestLine(line);
    if (lines_ > 0 && line.empty()) return true;
    if (lines_++ > max_fields_)
        throw HttpError(431, "HEAD_TOO_LARGE", "there are too many header lines; send fewer");
    return false;
}

}  // namespace sheafline::http
