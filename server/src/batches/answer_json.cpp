#include "batches/answer_json.h"

#include <algorithm>
#include <cmath>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/URI.h>

#include "history/review/flag_list.h"

namespace sheafline {

namespace {

using Object = Poco::JSON::Object;

// The template's fields of an answer: itself, or those of its column.
std::vector<std::string> fieldsOf(const Object& evidence, const std::string& answer) {
    const auto columns = evidence.getObject("columns");
    const auto column = columns.isNull() ? Object::Ptr() : columns->getObject(answer);
    if (column.isNull()) return {answer};
    std::vector<std::string> names;
    const auto list = column->getArray("fields");
    if (list.isNull()) return names;
    for (const auto& name : *list) names.push_back(name.convert<std::string>());
    return names;
}

void addField(std::vector<Alternative>& alternatives, const Object& field,
              const std::string& name) {
    const auto values = field.getArray("values");
    const auto darkness = field.getArray("darkness");
    if (values.isNull() || darkness.isNull() || values->size() != darkness->size()) return;
    for (unsigned i = 0; i < values->size(); ++i)
        alternatives.push_back(
            {.field = name,
             .value = values->getElement<std::string>(i),
             .darkness = std::clamp(darkness->getElement<double>(i) / 100, 0.0, 1.0)});
}

std::string urlOf(const std::string& batch_id, const DoubtfulAnswer& answer) {
    std::string url =
        "/api/batches/" + batch_id + "/sheets/" + std::to_string(answer.sheet.number) + "/image";
    if (answer.field == kSheetField) return url;  // about all of it
    std::string field;
    Poco::URI::encode(answer.field, "/?#&+=:;,", field);
    return url + "?field=" + field;
}

}  // namespace

std::vector<Alternative> alternativesOf(const DoubtfulAnswer& answer) {
    std::vector<Alternative> alternatives;
    try {
        const auto evidence = Poco::JSON::Parser().parse(answer.evidence).extract<Object::Ptr>();
        const auto fields = evidence->getObject("fields");
        if (fields.isNull()) return {};
        for (const std::string& name : fieldsOf(*evidence, answer.field)) {
            const auto field = fields->getObject(name);
            if (!field.isNull()) addField(alternatives, *field, name);
        }
    } catch (const Poco::Exception&) {
        return {};  // evidence of another processor
    }
    return alternatives;
}

Object answerJson(const std::string& batch_id, const DoubtfulAnswer& answer) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("sheet", answer.sheet.number);
    object.set("file", answer.sheet.file);
    object.set("page", answer.sheet.page);
    object.set("qr", answer.sheet.qr);
    object.set("group", answer.sheet.group);
    object.set("field", answer.field);
    object.set("value", answer.value);
    Poco::JSON::Array flags;
    for (const std::string& flag : answer.flags) flags.add(flag);
    object.set("flags", flags);
    object.set("confidence", answer.confidence);
    Poco::JSON::Array alternatives;
    for (const Alternative& alternative : alternativesOf(answer)) {
        Object item(Poco::JSON_PRESERVE_KEY_ORDER);
        if (alternative.field != answer.field) item.set("field", alternative.field);
        item.set("value", alternative.value);
        item.set("darkness", alternative.darkness);
        alternatives.add(item);
    }
    object.set("alternatives", alternatives);
    const std::string url = urlOf(batch_id, answer);
    object.set("image_url", url);
    object.set("context_url", answer.field == kSheetField ? url : url + "&rows=2");
    return object;
}

}  // namespace sheafline
