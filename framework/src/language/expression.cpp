#include "language/expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include <sheafline/error.h>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/expression_parser.h"

namespace sheafline {

namespace {

using Node = Expression::Node;
using Op = Node::Op;
using Kind = Expression::Kind;

std::vector<std::string> batchNames(bool ended) {
    std::vector<std::string> names{"data_dir", "id", "pipeline"};
    if (ended) names.emplace_back("state");
    return names;
}
std::vector<std::string> stageNames() { return {"done", "failed", "state", "total"}; }

template <typename Map>
std::vector<std::string> keysOf(const Map& map) {
    std::vector<std::string> keys;
    keys.reserve(map.size());
    for (const auto& [key, value] : map) keys.push_back(key);
    return keys;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::size_t offsetOfPart(const Node& node, std::size_t part) {
    std::size_t offset = node.offset;
    for (std::size_t i = 0; i < part; ++i) offset += node.parts[i].size() + 1;
    return offset;
}

std::string unknown(const std::string& what, const std::string& word,
                    const std::vector<std::string>& known) {
    return "unknown " + what + " '" + word + "'; " + didYouMean(word, known);
}

std::optional<Expression::Finding> stageFinding(const Node& node, const ExpressionNames& names) {
    const std::string& id = node.parts[1];
    if (has(names.running, id))
        return Expression::Finding{
            offsetOfPart(node, 1),
            "stage '" + id + "' may not have ended yet; add it to needs: or name an earlier one"};
    if (!has(names.stages, id))
        return Expression::Finding{offsetOfPart(node, 1), unknown("stage", id, names.stages)};
    if (node.parts.size() != 3)
        return Expression::Finding{node.offset, "stages." + id + " is not a value; write stages." +
                                                    id + ".state, .done, .total or .failed"};
    if (!has(stageNames(), node.parts[2]))
        return Expression::Finding{offsetOfPart(node, 2),
                                   unknown("value of a stage", node.parts[2], stageNames())};
    return std::nullopt;
}

std::optional<Expression::Finding> nameFinding(const Node& node, const ExpressionNames& names) {
    const std::string& root = node.parts[0];
    if (!has(names.roots, root)) {
        const bool elsewhere = has({"params", "batch", "stages", "env", "secrets"}, root);
        return Expression::Finding{
            node.offset, elsewhere
                             ? root + " cannot be used here; known are " + quotedList(names.roots)
                             : unknown("name", root, names.roots)};
    }
    if (node.parts.size() == 1)
        return Expression::Finding{node.offset,
                                   root + " is not a value by itself; write " + root + ".NAME"};
    if (root == "stages") return stageFinding(node, names);
    if (node.parts.size() != 2)
        return Expression::Finding{
            offsetOfPart(node, 2),
            "'" + node.parts[1] + "' has no parts; remove '." + node.parts[2] + "'"};
    if (root == "params" && !names.params.contains(node.parts[1]))
        return Expression::Finding{offsetOfPart(node, 1),
                                   unknown("param", node.parts[1], keysOf(names.params))};
    if (root == "batch" && node.parts[1] == "state" && !names.batch_ended)
        return Expression::Finding{offsetOfPart(node, 1),
                                   "batch.state is only known in finally:; here, write "
                                   "stages.ID.state"};
    const auto known = batchNames(names.batch_ended);
    if (root == "batch" && !has(known, node.parts[1]))
        return Expression::Finding{offsetOfPart(node, 1),
                                   unknown("value of batch", node.parts[1], known)};
    return std::nullopt;
}

Kind kindOfType(ParamType type) {
    switch (type) {
        case ParamType::integer:
        case ParamType::number:
            return Kind::number;
        case ParamType::boolean:
            return Kind::boolean;
        default:
            return Kind::text;
    }
}

Kind kindOfName(const Node& node, const ExpressionNames& names) {
    const std::string& root = node.parts[0];
    if (root == "batch") return Kind::text;
    if (root == "stages" && node.parts.size() == 3 && has(stageNames(), node.parts[2]))
        return node.parts[2] == "state" ? Kind::text : Kind::number;
    if (root != "params" || node.parts.size() != 2) return Kind::unknown;
    const auto param = names.params.find(node.parts[1]);
    return param == names.params.end() ? Kind::unknown : kindOfType(param->second);
}

Kind kindOf(const std::vector<Node>& nodes, std::size_t index, const ExpressionNames& names) {
    const Node& node = nodes[index];
    if (node.op == Op::literal) return node.kind;
    if (node.op == Op::name) return kindOfName(node, names);
    if (node.op == Op::join) return Kind::text;
    if (node.op != Op::fallback) return Kind::boolean;
    const Kind left = kindOf(nodes, node.left, names);
    const Kind right = kindOf(nodes, node.right, names);
    if (left == Kind::unknown) return right;
    return left == right ? left : Kind::unknown;
}

std::string_view wordFor(Kind kind) {
    static constexpr std::array<std::string_view, 4> kWords{"a value", "a text", "a number",
                                                            "true or false"};
    return kWords.at(static_cast<std::size_t>(kind));
}

bool isOrder(Op op) {
    return op == Op::less || op == Op::at_most || op == Op::more || op == Op::at_least;
}
bool isLogic(Op op) { return op == Op::negate || op == Op::both || op == Op::either; }

bool fits(Kind kind, Kind wanted) {
    return kind == wanted || kind == Kind::unknown || wanted == Kind::unknown;
}

// The result of one node. The text of a name may be a number or a truth value: what it is compared
// with decides.
struct Value {
    Kind kind = Kind::unknown;
    std::string text{};
};

class Evaluation {
 public:
    Evaluation(const std::vector<Node>& nodes, const ExpressionScope& scope)
        : nodes_(nodes), scope_(scope) {}

    Value of(std::size_t index) const {
        const Node& node = nodes_[index];
        switch (node.op) {
            case Op::literal:
                return {node.kind, node.text};
            case Op::name:
                return {Kind::unknown, named(node)};
            case Op::negate:
                return truth(!isTrue(node.left));
            case Op::both:
                return truth(isTrue(node.left) && isTrue(node.right));
            case Op::either:
                return truth(isTrue(node.left) || isTrue(node.right));
            case Op::equal:
                return truth(equal(of(node.left), of(node.right)));
            case Op::unequal:
                return truth(!equal(of(node.left), of(node.right)));
            case Op::less:
                return truth(number(node.left) < number(node.right));
            case Op::at_most:
                return truth(number(node.left) <= number(node.right));
            case Op::more:
                return truth(number(node.left) > number(node.right));
            case Op::at_least:
                return truth(number(node.left) >= number(node.right));
            case Op::fallback:
                return isSet(node.left) ? of(node.left) : of(node.right);
            case Op::join:
                return {Kind::text, of(node.left).text + of(node.right).text};
        }
        return {};
    }

    bool isTrue(std::size_t index) const {
        const auto value = parseBoolean(of(index).text);
        if (!value)
            throw ConfigError(describe(index) + " is neither true nor false; compare it, as in " +
                              describe(index) + " == 'text'");
        return *value;
    }

 private:
    // A name from outside that is not set is an error, except to the left of ??.
    bool isSet(std::size_t index) const {
        const Node& node = nodes_[index];
        if (node.op == Op::fallback) return isSet(node.left) || isSet(node.right);
        if (node.op == Op::name && node.parts.size() == 2) {
            const auto& lookup = node.parts[0] == "env" ? scope_.env : scope_.secrets;
            const bool outside = node.parts[0] == "env" || node.parts[0] == "secrets";
            if (outside && !(lookup && lookup(node.parts[1]))) return false;
        }
        return !of(index).text.empty();
    }

    static Value truth(bool value) { return {Kind::boolean, value ? "true" : "false"}; }

    std::string describe(std::size_t index) const {
        const Node& node = nodes_[index];
        if (node.op != Op::name) return "the expression";
        std::string text;
        for (const std::string& part : node.parts) text += (text.empty() ? "" : ".") + part;
        return text;
    }

    double number(std::size_t index) const {
        const auto value = parseNumber(of(index).text);
        if (!value)
            throw ConfigError(describe(index) + " is not a number; compare it with == or !=");
        return *value;
    }

    // Names hold canonical texts, so that equal numbers are equal texts; env and secrets may not.
    static bool equal(const Value& a, const Value& b) {
        if (a.kind == Kind::number || b.kind == Kind::number) {
            const auto x = parseNumber(a.text);
            const auto y = parseNumber(b.text);
            return x && y && *x == *y;
        }
        return a.text == b.text;
    }

    std::string named(const Node& node) const {
        const std::string& root = node.parts[0];
        const std::string& name = node.parts.size() > 1 ? node.parts[1] : root;
        if (root == "params") {
            const auto found = scope_.params.find(name);
            if (found != scope_.params.end()) return found->second.text;
            throw ConfigError(unknown("param", name, keysOf(scope_.params)));
        }
        if (root == "batch") return entry(scope_.batch, name, "value of batch");
        if (root == "env") return outside(scope_.env, "env", name);
        if (root == "secrets") return outside(scope_.secrets, "secrets", name);
        const auto stage = scope_.stages.find(name);
        if (root != "stages" || stage == scope_.stages.end() || node.parts.size() != 3)
            throw ConfigError(unknown("stage", name, keysOf(scope_.stages)));
        return entry(stage->second, node.parts[2], "value of a stage");
    }

    static std::string entry(const std::map<std::string, std::string, std::less<>>& map,
                             const std::string& name, const std::string& what) {
        const auto found = map.find(name);
        if (found == map.end()) throw ConfigError(unknown(what, name, keysOf(map)));
        return found->second;
    }

    static std::string outside(
        const std::function<std::optional<std::string>(std::string_view)>& lookup,
        const std::string& root, const std::string& name) {
        auto value = lookup ? lookup(name) : std::nullopt;
        if (!value)
            throw ConfigError(root + "." + name + " is not set; " +
                              (root == "env" ? "set it in the environment of the program"
                                             : "add it to the secrets of the program"));
        return std::move(*value);
    }

    const std::vector<Node>& nodes_;
    const ExpressionScope& scope_;
};

}  // namespace

Expression::Expression(std::string_view text) : nodes_(parseExpression(text)) {}
Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;

std::vector<Expression::Finding> Expression::check(const ExpressionNames& names) const {
    std::vector<Finding> findings;
    for (const Node& node : nodes_) {
        if (node.op == Op::literal) continue;
        if (node.op == Op::name) {
            if (auto finding = nameFinding(node, names)) findings.push_back(std::move(*finding));
            continue;
        }
        if (node.op == Op::fallback) continue;
        const Kind left = kindOf(nodes_, node.left, names);
        const Kind right = node.op == Op::negate ? left : kindOf(nodes_, node.right, names);
        if (node.op == Op::join) {
            if (left == Kind::boolean || right == Kind::boolean)
                findings.push_back(
                    {node.offset, "+ joins texts, not true and false; compare instead"});
            else if (left == Kind::number && right == Kind::number)
                findings.push_back(
                    {node.offset, "+ joins texts and does not add numbers; put quotes around one"});
            continue;
        }
        const Kind wanted = isLogic(node.op)   ? Kind::boolean
                            : isOrder(node.op) ? Kind::number
                                               : left;
        if (fits(left, wanted) && fits(right, wanted)) continue;
        const Kind found = fits(left, wanted) ? right : left;
        findings.push_back({node.offset, "expected " + std::string(wordFor(wanted)) +
                                             " but found " + std::string(wordFor(found)) +
                                             "; correct the expression"});
    }
    return findings;
}

Expression::Kind Expression::kind(const ExpressionNames& names) const {
    return kindOf(nodes_, nodes_.size() - 1, names);
}

std::set<std::string> Expression::paramNames() const {
    std::set<std::string> names;
    for (const Node& node : nodes_) {
        if (node.op == Op::name && node.parts.size() > 1 && node.parts[0] == "params")
            names.insert(node.parts[1]);
    }
    return names;
}

std::optional<ParamType> Expression::paramType(const ExpressionNames& names) const {
    const Node& root = nodes_.back();
    if (root.op != Op::name || root.parts[0] != "params" || root.parts.size() != 2)
        return std::nullopt;
    const auto param = names.params.find(root.parts[1]);
    if (param == names.params.end()) return std::nullopt;
    return param->second;
}

std::string Expression::evaluate(const ExpressionScope& scope) const {
    return Evaluation(nodes_, scope).of(nodes_.size() - 1).text;
}

bool Expression::isTrue(const ExpressionScope& scope) const {
    return Evaluation(nodes_, scope).isTrue(nodes_.size() - 1);
}

}  // namespace sheafline
