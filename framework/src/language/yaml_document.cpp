#include "language/yaml_document.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/units.h"
#include "language/source_text.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostYamlBytes = 1U << 20U;
constexpr std::size_t kMostTextBytes = 4U << 20U;
constexpr std::size_t kMostNodes = 20'000;
constexpr std::size_t kMostYamlDepth = 32;

// The cost of a subtree each time that an alias expands to it.
struct Cost {
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    std::size_t height = 1;
};

// Builds the tree from yaml-cpp's events. Limits end the parse with a ParserException at once:
// nothing is built that the limits forbid.
class TreeBuilder : public YAML::EventHandler {
 public:
    TreeBuilder(const SourceText& source, FindingList& findings)
        : source_(source), findings_(findings) {}

    YamlNode takeRoot() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        finish({nodeAt(mark, YamlNode::Kind::null), {}, anchor, mark}, {});
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        rejectTag(mark, tag);
        YamlNode node = nodeAt(mark, YamlNode::Kind::scalar);
        node.text = value;
        node.quoted = tag == "!";
        if (const auto finding = textFinding(value))
            findings_.add(node.line, node.column, {}, *finding);
        finish({std::move(node), {}, anchor, mark}, {.nodes = 0, .bytes = value.size()});
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::list);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, YamlNode::Kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto anchored = anchors_.find(anchor);
        if (anchored == anchors_.end())
            throw YAML::ParserException(mark, "an alias that contains itself; write the value out");
        finish({anchored->second.first, {}, 0, mark}, anchored->second.second);
    }

 private:
    struct Open {
        YamlNode node{};
        std::optional<YamlNode> key{};
        YAML::anchor_t anchor = 0;
        YAML::Mark mark{};
        Cost cost{};
    };

    YamlNode nodeAt(const YAML::Mark& mark, YamlNode::Kind kind) const {
        const SourceText::Place place = source_.place(mark.line, mark.column);
        return {.kind = kind,
                .line = place.line,
                .column = place.column,
                .offset = source_.offset(mark.line, mark.column)};
    }

    void rejectTag(const YAML::Mark& mark, const std::string& tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        const SourceText::Place place = source_.place(mark.line, mark.column);
        findings_.add(place.line, place.column, {}, "tags are not allowed; remove '" + tag + "'");
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              YamlNode::Kind kind) {
        rejectTag(mark, tag);
        count(mark, {});
        stack_.push_back({nodeAt(mark, kind), {}, anchor, mark, {}});
    }

    void close() {
        Open done = std::move(stack_.back());
        stack_.pop_back();
        const Cost cost = done.cost;
        // Counted already, when it was opened and filled: only its parent has yet to know.
        attach(std::move(done), cost);
    }

    void finish(Open done, Cost cost) {
        cost.nodes = std::max<std::size_t>(cost.nodes, 1);
        count(done.mark, cost);
        attach(std::move(done), cost);
    }

    void count(const YAML::Mark& mark, const Cost& cost) {
        nodes_ += cost.nodes;
        bytes_ += cost.bytes;
        if (stack_.size() + cost.height > kMostYamlDepth)
            throw YAML::ParserException(
                mark, "nested deeper than " + std::to_string(kMostYamlDepth) + "; flatten it");
        if (nodes_ > kMostNodes)
            throw YAML::ParserException(mark, "more than " + std::to_string(kMostNodes) +
                                                  " values with aliases expanded; split the file");
        if (bytes_ > kMostTextBytes)
            throw YAML::ParserException(
                mark, "more than 4 MiB of text with aliases expanded; split the file");
    }

    void attach(Open done, const Cost& cost) {
        if (done.anchor != 0) anchors_.insert_or_assign(done.anchor, std::pair(done.node, cost));
        if (stack_.empty()) {
            root_ = std::move(done.node);
            return;
        }
        Open& parent = stack_.back();
        parent.cost.nodes += cost.nodes;
        parent.cost.bytes += cost.bytes;
        parent.cost.height = std::max(parent.cost.height, cost.height + 1);
        if (parent.node.kind == YamlNode::Kind::list)
            parent.node.items.push_back(std::move(done.node));
        else if (!parent.key)
            parent.key = std::move(done.node);
        else
            addEntry(parent, std::move(done.node));
    }

    void addEntry(Open& map, YamlNode value) {
        YamlNode key = std::move(*map.key);
        map.key.reset();
        if (key.kind != YamlNode::Kind::scalar) {
            findings_.add(key.line, key.column, {}, "a key is not a text; write a name before ':'");
            return;
        }
        if (key.text == "<<" && !key.quoted) {
            findings_.add(key.line, key.column, {},
                          "merge keys (<<) are not supported; write the keys out here");
            return;
        }
        if (const YamlNode* first = map.node.find(key.text)) {
            findings_.add(key.line, key.column, key.text,
                          "duplicate key '" + key.text + "' (first on line " +
                              std::to_string(first->line) + "); remove one");
            return;
        }
        map.node.keys.push_back(std::move(key));
        map.node.items.push_back(std::move(value));
    }

    const SourceText& source_;
    FindingList& findings_;
    YamlNode root_{};
    std::vector<Open> stack_{};
    std::map<YAML::anchor_t, std::pair<YamlNode, Cost>> anchors_{};
    std::size_t nodes_ = 0;
    std::size_t bytes_ = 0;
};

bool isWordOf(std::string_view plain, std::initializer_list<std::string_view> words) {
    std::string lower(plain);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return std::ranges::find(words, lower) != words.end();
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::ranges::find(keys, key, &YamlNode::text);
    return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

YamlNode parseYaml(std::string_view text, FindingList& findings) {
    if (text.size() > kMostYamlBytes) {
        findings.add(0, 0, {}, "larger than 1 MiB; split the file");
        return {};
    }
    const SourceText source(text);
    if (const auto finding = source.finding()) {
        findings.add(finding->place.line, finding->place.column, {}, finding->message);
        return {};
    }
    TreeBuilder builder(source, findings);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) {
            findings.add(1, 1, {}, "the file is empty; write a pipeline with name: and stages:");
            return {};
        }
        YamlNode root = builder.takeRoot();
        TreeBuilder second(source, findings);
        if (parser.HandleNextDocument(second))
            findings.add(root.line, root.column, {},
                         "more than one document in the file; remove what follows '---'");
        return root;
    } catch (const YAML::Exception& error) {
        const bool placed = !error.mark.is_null();
        const SourceText::Place place =
            source.place(placed ? error.mark.line : 0, placed ? error.mark.column : 0);
        const bool ours = error.msg.find(';') != std::string::npos;
        findings.add(place.line, place.column, {},
                     ours ? error.msg
                          : "not valid YAML: " + error.msg +
                                "; check indentation, quotes and brackets here and above");
    }
    return {};
}

bool isAmbiguous(std::string_view plain) {
    if (isWordOf(plain, {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"}))
        return true;
    std::string_view rest = plain;
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    if (isWordOf(rest, {".inf", ".nan"})) return true;
    if (rest.starts_with('.')) rest.remove_prefix(1);
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return false;
    // Decimal, octal, hexadecimal, binary, with underscores, base 60 and dates.
    if (rest.starts_with("0x") || rest.starts_with("0o") || rest.starts_with("0b"))
        return rest.find_first_not_of("0123456789abcdefABCDEF_", 2) == std::string_view::npos;
    if (parseNumber(rest)) return true;
    const std::size_t odd = rest.find_first_not_of("0123456789_.:-+eE");
    if (odd == std::string_view::npos) return true;
    return (rest[odd] == 'T' || rest[odd] == 't' || rest[odd] == ' ') && odd >= 8 &&
           rest.find('-') < odd;
}

}  // namespace sheafline
