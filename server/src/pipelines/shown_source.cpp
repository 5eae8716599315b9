#include "pipelines/shown_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <vector>

#include "base/redactor.h"
#include "base/url_password.h"
#include "language/yaml_document.h"

namespace sheafline {

namespace {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// A shorter value may be a word that the file also uses elsewhere.
constexpr std::size_t kUniqueBytes = 8;

std::string plainName(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return plain;
}

bool namesSecret(std::string_view name) {
    constexpr auto kParts = std::to_array<std::string_view>(
        {"password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey",
         "signingkey", "authorization", "credential", "cookie"});
    const std::string plain = plainName(name);
    return plain == "pwd" || plain == "pass" || plain == "auth" ||
           std::ranges::any_of(kParts, [&](std::string_view part) {
               return plain.find(part) != std::string::npos;
           });
}

// "--password" and "--api-key=abc"
bool namesSecretOption(const std::string& argument) {
    return argument.starts_with('-') && namesSecret(argument.substr(0, argument.find('=')));
}

// "Authorization: Bearer abc"
bool holdsCredentials(const std::string& text) {
    const std::size_t colon = text.find(": ");
    return text.starts_with("Bearer ") || text.starts_with("Basic ") ||
           (colon != std::string::npos && text.find(' ') > colon &&
            namesSecret(text.substr(0, colon)));
}

// One expression without a text in it has nothing to hide.
bool isExpression(std::string_view text) {
    return text.starts_with("${{") && text.find("}}") == text.size() - 2 &&
           text.find_first_of("'\"") == std::string_view::npos;
}

class Masking {
 public:
    explicit Masking(std::string_view text) : text_(text) {}

    void look(const YamlNode& node, bool secret) {
        if (node.kind == YamlNode::Kind::scalar) {
            if ((secret || holdsCredentials(node.text)) && !isExpression(node.text)) hide(node);
        } else if (node.kind == YamlNode::Kind::list) {
            lookAtList(node, secret);
        } else {
            lookAtMap(node, secret);
        }
    }

    std::string masked() {
        std::ranges::sort(spans_, {}, &Span::begin);
        std::string out;
        std::size_t done = 0;
        for (const Span& span : spans_) {
            if (span.begin < done) continue;  // an alias of one that is hidden already
            out.append(text_.substr(done, span.begin - done)).append("***");
            done = span.end;
        }
        return withoutPasswords(values_.masked(out.append(text_.substr(done))));
    }

 private:
    void lookAtList(const YamlNode& node, bool secret) {
        bool follows = false;
        for (const YamlNode& item : node.items) {
            const bool option = item.kind == YamlNode::Kind::scalar && namesSecretOption(item.text);
            look(item, secret || follows || (option && item.text.find('=') != std::string::npos));
            follows = option && item.text.find('=') == std::string::npos;
        }
    }

    // The description of a param "password" is no secret; its default is.
    void lookAtMap(const YamlNode& node, bool secret) {
        const bool describes = node.find("type") != nullptr;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            const std::string& key = node.keys[i].text;
            const bool inherited =
                secret && (!describes || key == "default" || key == "choices" || key == "pattern");
            look(node.items[i], inherited || namesSecret(key));
        }
    }

    void hide(const YamlNode& node) {
        if (node.text.empty()) return;
        if (node.text.size() >= kUniqueBytes) values_.learn(node.text);
        std::size_t begin = node.offset;
        if (begin < text_.size() && text_[begin] == '&')  // the name of an anchor
            begin = text_.find_first_not_of(" \t", text_.find_first_of(" \t\n", begin));
        if (begin >= text_.size()) return;
        spans_.push_back({begin, endOf(node, begin)});
    }

    std::size_t endOf(const YamlNode& node, std::size_t begin) const {
        const char first = text_[begin];
        if (first == '\'' || first == '"') return endOfQuoted(begin);
        if (text_.substr(begin, node.text.size()) == node.text) return begin + node.text.size();
        return endOfBlock(begin);
    }

    std::size_t endOfQuoted(std::size_t begin) const {
        const char quote = text_[begin];
        for (std::size_t at = begin + 1; at < text_.size(); ++at) {
            if (quote == '"' && text_[at] == '\\') {
                ++at;
            } else if (text_[at] == quote) {
                if (quote == '"' || at + 1 >= text_.size() || text_[at + 1] != quote) return at + 1;
                ++at;
            }
        }
        return text_.size();
    }

    // A block, or a plain text of several lines: it ends before the first line that is not
    // indented more than the line of its key.
    std::size_t endOfBlock(std::size_t begin) const {
        const std::size_t line = text_.rfind('\n', begin) + 1;  // npos + 1 is 0
        const std::size_t indent = indentAt(line);
        std::size_t end = std::min(text_.find('\n', begin), text_.size());
        while (end < text_.size()) {
            const std::size_t next = end + 1;
            const std::size_t next_end = std::min(text_.find('\n', next), text_.size());
            const bool blank = text_.find_first_not_of(" \t\r", next) >= next_end;
            if (!blank && indentAt(next) <= indent) break;
            end = next_end;
        }
        return end;
    }

    std::size_t indentAt(std::size_t line) const {
        return std::min(text_.find_first_not_of(' ', line), text_.size()) - line;
    }

    const std::string_view text_;
    std::vector<Span> spans_{};
    Redactor values_{};
};

}  // namespace

std::string shownSource(std::string_view text) {
    FindingList findings("pipeline");
    const YamlNode root = parseYaml(text, findings);
    Masking masking(text);
    masking.look(root, false);
    return masking.masked();
}

}  // namespace sheafline
