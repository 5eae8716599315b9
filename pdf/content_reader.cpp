#include "content_reader.h"

#include <algorithm>
#include <array>
#include <qpdf/QPDF.hh>
#include <string_view>
#include <utility>

#include "bounded_bytes.h"

namespace sheafline::pdf {

namespace {

constexpr std::uint64_t kMostContent = 16ULL << 20U;
constexpr std::size_t kMostStates = 1000;
constexpr int kMostForms = 4;  // inside each other

using Operands = std::vector<QPDFObjectHandle>;

bool isOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

// The methods of QPDFObjectHandle are not const; a copy refers to the same object.
QPDFObjectHandle at(const Operands& operands, std::size_t i) {
    return i < operands.size() ? operands[i] : QPDFObjectHandle::newNull();
}

double numberAt(const Operands& operands, std::size_t i) {
    auto operand = at(operands, i);
    return operand.isNumber() ? operand.getNumericValue() : 0;
}

std::string nameAt(const Operands& operands, std::size_t i) {
    auto operand = at(operands, i);
    return operand.isName() ? operand.getName() : "";
}

PageMatrix matrixOf(const Operands& n) {
    return {.a = numberAt(n, 0),
            .b = numberAt(n, 1),
            .c = numberAt(n, 2),
            .d = numberAt(n, 3),
            .e = numberAt(n, 4),
            .f = numberAt(n, 5)};
}

bool isBlack(const std::string& name, const Operands& operands) {
    const auto zeros = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            if (!at(operands, i).isNumber() || numberAt(operands, i) != 0) return false;
        return true;
    };
    if (name == "g") return zeros(1);
    if (name == "rg") return zeros(3);
    return name == "k" && zeros(3) && numberAt(operands, 3) == 1;
}

}  // namespace

class ContentReader::Operators : public QPDFObjectHandle::ParserCallbacks {
 public:
    explicit Operators(ContentReader& reader) : reader_(reader) {}

    void handleObject(QPDFObjectHandle object, std::size_t /*offset*/,
                      std::size_t /*length*/) override {
        if (object.isOperator()) {
            reader_.apply(object.getOperatorValue(), operands_);
            operands_.clear();
            if (!reader_.why_.empty()) terminateParsing();
        } else if (operands_.size() < kMostStates) {
            operands_.push_back(object);
        }
    }
    void handleEOF() override {}

 private:
    ContentReader& reader_;
    Operands operands_{};
};

void ContentReader::read(const std::string& content, const QPDFObjectHandle& resources,
                         const PageMatrix& matrix, int depth) {
    const QPDFObjectHandle outer = std::exchange(resources_, resources);
    const int outer_depth = std::exchange(depth_, depth);
    const auto outer_states = states_.size();
    const auto outer_floor = std::exchange(floor_, outer_states + 1);
    State inner = states_.back();
    inner.matrix = matrix;
    states_.push_back(inner);
    Operators operators(*this);
    // In a separate document, which is freed: it would stay in the memory of the page's document.
    QPDF scratch;
    scratch.emptyPDF();
    QPDFObjectHandle::parseContentStream(QPDFObjectHandle::newStream(&scratch, content),
                                         &operators);
    states_.resize(outer_states);
    floor_ = outer_floor;
    resources_ = outer;
    depth_ = outer_depth;
}

void ContentReader::give(std::string why) {
    if (why_.empty()) why_ = std::move(why);
}

// What is below an image that covers the page cannot be seen.
void ContentReader::drawn(const char* what) {
    if (image_)
        give(what);
    else
        drawn_before_ = true;
}

void ContentReader::apply(const std::string& name, const Operands& operands) {
    const bool text = isOneOf(name, {"Tj", "TJ", "'", "\""});
    if (text && !states_.back().invisible) return drawn("it has text");
    if (isOneOf(name, {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"}))
        return drawn("it has drawings");
    if (isOneOf(name, {"BI", "ID", "EI", "INLINE_IMAGE"})) return drawn("it has small images");
    if (name == "Do") return paintObject(operands);
    if (name == "gs") return setGraphics(operands);
    if (name == "BDC" && nameAt(operands, 0) == "/OC") return give("it has layers");
    applyState(name, operands);
}

void ContentReader::applyState(const std::string& name, const Operands& operands) {
    State& state = states_.back();
    if (name == "q") {
        if (states_.size() >= kMostStates) return give("its content is nested too deeply");
        const State saved = state;  // the vector may move
        states_.push_back(saved);
    } else if (name == "Q") {
        if (states_.size() > floor_) states_.pop_back();
    } else if (name == "cm") {
        state.matrix = state.matrix.after(matrixOf(operands));
    } else if (name == "Tr") {
        state.invisible = numberAt(operands, 0) == 3;
    } else if (isOneOf(name, {"g", "rg", "k"})) {
        state.black = isBlack(name, operands);
    } else if (isOneOf(name, {"sc", "scn", "cs"})) {
        state.black = false;
    }
}

void ContentReader::setGraphics(const Operands& operands) {
    auto graphics = resources_.getKeyIfDict("/ExtGState").getKeyIfDict(nameAt(operands, 0));
    if (!graphics.isDictionary()) return;
    for (const char* opacity : {"/ca", "/CA"}) {
        auto value = graphics.getKey(opacity);
        if (value.isNumber() && value.getNumericValue() != 1)
            return give("it is drawn with transparency");
    }
    auto mask = graphics.getKey("/SMask");
    if (mask.isDictionary()) return give("it is drawn with transparency");
    auto blend = graphics.getKey("/BM");
    if (blend.isName() && !isOneOf(blend.getName(), {"/Normal", "/Compatible"}))
        give("it is drawn with a blend mode");
}

void ContentReader::paintObject(const Operands& operands) {
    const QPDFObjectHandle object =
        resources_.getKeyIfDict("/XObject").getKeyIfDict(nameAt(operands, 0));
    if (!QPDFObjectHandle(object).isStream()) return give("it draws something that is missing");
    QPDFObjectHandle dictionary = QPDFObjectHandle(object).getDict();
    if (!dictionary.getKey("/OC").isNull()) return give("it has layers");
    auto subtype = dictionary.getKey("/Subtype");
    if (subtype.isName() && subtype.getName() == "/Form") return paintForm(object);
    if (!subtype.isName() || subtype.getName() != "/Image") return give("it has drawings");
    if (image_) return give("it has several images");
    auto mask = dictionary.getKey("/ImageMask");
    if (mask.isBool() && mask.getBoolValue()) {
        if (drawn_before_) return give("it has drawings");
        if (!states_.back().black) return give("its image is a colored mask");
    }
    image_ =
        PaintedImage{.image = object, .resources = resources_, .matrix = states_.back().matrix};
}

void ContentReader::paintForm(QPDFObjectHandle form) {
    if (depth_ >= kMostForms) return give("its content is nested too deeply");
    QPDFObjectHandle dictionary = form.getDict();
    const auto content = boundedBytes(form, Filters::all, kMostContent);
    if (!content) return give("its content is damaged or too large");
    PageMatrix matrix;
    if (auto given = dictionary.getKey("/Matrix"); given.isMatrix())
        matrix = matrixOf(given.getArrayAsVector());
    auto resources = dictionary.getKey("/Resources");
    read(*content, resources.isDictionary() ? resources : resources_,
         states_.back().matrix.after(matrix), depth_ + 1);
}

}  // namespace sheafline::pdf
