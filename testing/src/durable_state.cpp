#include "durable_state.h"

#include <stdexcept>
#include <vector>

namespace sheafline::testing {

namespace {

class Writer {
 public:
    Writer& text(const std::string& text) {
        bytes_ += std::to_string(text.size()) + ':' + text;
        return *this;
    }
    template <typename Number>
    Writer& number(Number number) {
        return text(std::to_string(number));
    }
    template <typename Items, typename Put>
    Writer& each(const Items& items, Put put) {
        number(items.size());
        for (const auto& item : items) put(*this, item);
        return *this;
    }
    Writer& texts(const std::vector<std::string>& items) {
        return each(items, [](Writer& out, const std::string& item) { out.text(item); });
    }
    std::string take() { return std::move(bytes_); }

 private:
    std::string bytes_{};
};

class Reader {
 public:
    explicit Reader(const std::string& bytes) : bytes_(bytes) {}
    std::string text() {
        const std::size_t colon = bytes_.find(':', at_);
        if (colon == std::string::npos) throw std::runtime_error("the child's state is cut off");
        const std::size_t length = std::stoul(bytes_.substr(at_, colon - at_));
        at_ = colon + 1 + length;
        return bytes_.substr(colon + 1, length);
    }
    int number() { return std::stoi(text()); }
    template <typename Item, typename Get>
    std::vector<Item> each(Get get) {
        std::vector<Item> items(static_cast<std::size_t>(number()));
        for (Item& item : items) item = get(*this);
        return items;
    }
    std::vector<std::string> texts() {
        return each<std::string>([](Reader& in) { return in.text(); });
    }

 private:
    const std::string& bytes_;
    std::size_t at_ = 0;
};

void put(Writer& out, const Reading& reading) {
    out.texts(reading.values).text(reading.flags).text(std::to_string(reading.confidence));
    out.text(reading.evidence).text(reading.reason);
}

Reading getReading(Reader& in) {
    Reading reading;
    reading.values = in.texts();
    reading.flags = in.text();
    reading.confidence = std::stod(in.text());
    reading.evidence = in.text();
    reading.reason = in.text();
    return reading;
}

void put(Writer& out, const MemorySheets::Row& row) {
    const Sheet& sheet = row.sheet;
    out.number(sheet.number).text(sheet.file).number(sheet.page).text(sheet.path.string());
    out.number(static_cast<int>(sheet.state)).number(sheet.attempt).text(sheet.reason);
    out.text(sheet.qr).text(sheet.group).number(static_cast<int>(row.reading.has_value()));
    if (row.reading) put(out, *row.reading);
    out.number(static_cast<int>(row.row.has_value()));
    if (row.row) out.texts(*row.row);
    out.each(row.decided, [](Writer& to, const DecidedField& field) {
        to.text(field.column).text(field.value).text(field.by).text(field.at);
    });
}

DecidedField getDecided(Reader& in) {
    DecidedField field;
    field.column = in.text();
    field.value = in.text();
    field.by = in.text();
    field.at = in.text();
    return field;
}

MemorySheets::Row getRow(Reader& in) {
    MemorySheets::Row row;
    Sheet& sheet = row.sheet;
    sheet.number = in.number();
    sheet.file = in.text();
    sheet.page = in.number();
    sheet.path = in.text();
    sheet.state = static_cast<SheetState>(in.number());
    sheet.attempt = in.number();
    sheet.reason = in.text();
    sheet.qr = in.text();
    sheet.group = in.text();
    if (in.number() != 0) row.reading = getReading(in);
    if (in.number() != 0) row.row = in.texts();
    row.decided = in.each<DecidedField>(getDecided);
    return row;
}

}  // namespace

std::string encoded(const DurableState& state) {
    Writer out;
    out.number(static_cast<int>(state.checkpoint.has_value())).text(state.checkpoint.value_or(""));
    out.text(state.outcome.code).text(state.outcome.message);
    const MemorySheets::Content& content = state.content;
    out.texts(content.columns).number(static_cast<int>(content.frozen));
    out.number(content.entries_total);
    out.each(content.skipped,
             [](Writer& to, const auto& entry) { to.text(entry.first).text(entry.second); });
    out.each(content.rows, [](Writer& to, const MemorySheets::Row& row) { put(to, row); });
    return out.take();
}

DurableState decodedState(const std::string& bytes) {
    Reader in(bytes);
    DurableState state;
    const bool has_checkpoint = in.number() != 0;
    std::string checkpoint = in.text();
    if (has_checkpoint) state.checkpoint = std::move(checkpoint);
    state.outcome.code = in.text();
    state.outcome.message = in.text();
    state.content.columns = in.texts();
    state.content.frozen = in.number() != 0;
    state.content.entries_total = static_cast<std::size_t>(in.number());
    using Skipped = std::pair<std::string, std::string>;
    state.content.skipped = in.each<Skipped>([](Reader& from) {
        std::string file = from.text();
        return Skipped(std::move(file), from.text());
    });
    state.content.rows = in.each<MemorySheets::Row>(getRow);
    return state;
}

std::string encoded(const Reading& reading) {
    Writer out;
    put(out, reading);
    return out.take();
}

Reading decodedReading(const std::string& bytes) {
    Reader in(bytes);
    return getReading(in);
}

}  // namespace sheafline::testing
