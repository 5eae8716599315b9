#include "schema_check.h"

#include <algorithm>
#include <set>

#include <Poco/JSON/Array.h>
#include <Poco/RegularExpression.h>

namespace sheafline::test {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

bool hasType(const Var& value, const std::string& type) {
    if (type == "object") return value.type() == typeid(Object::Ptr);
    if (type == "array") return value.type() == typeid(Array::Ptr);
    if (type == "string") return value.isString();
    if (type == "boolean") return value.isBoolean();
    if (type == "integer") return value.isInteger() && !value.isBoolean();
    if (type == "number") return value.isNumeric() && !value.isBoolean();
    return false;
}

bool isListed(const Array& values, const Var& value) {
    return std::any_of(values.begin(), values.end(),
                       [&](const Var& one) { return one.toString() == value.toString(); });
}

std::string checkScalar(const Object& schema, const Var& value, const std::string& place) {
    const std::string text = value.toString();
    if (schema.has("enum") && !isListed(*schema.getArray("enum"), value))
        return place + ": '" + text + "' is not one of the enum";
    if (schema.has("pattern") &&
        !Poco::RegularExpression(schema.getValue<std::string>("pattern")).match(text))
        return place + ": '" + text + "' does not match the pattern";
    if (schema.has("minimum") && value.convert<double>() < schema.getValue<double>("minimum"))
        return place + ": " + text + " is below the minimum";
    if (schema.has("maximum") && value.convert<double>() > schema.getValue<double>("maximum"))
        return place + ": " + text + " is above the maximum";
    return {};
}

}  // namespace

Object::Ptr SchemaCheck::resolved(const Object& schema) const {
    if (!schema.has("$ref")) return new Object(schema);
    const auto name = schema.getValue<std::string>("$ref");
    return schemas_->getObject(name.substr(name.rfind('/') + 1));
}

std::vector<Object::Ptr> SchemaCheck::partsOf(const Object& schema) const {
    const Object::Ptr own = resolved(schema);
    std::vector<Object::Ptr> parts{own};
    if (!own->has("allOf")) return parts;
    for (const Var& part : *own->getArray("allOf")) {
        const auto more = partsOf(*part.extract<Object::Ptr>());
        parts.insert(parts.end(), more.begin(), more.end());
    }
    return parts;
}

std::string SchemaCheck::finding(const Object& schema, const Var& value) const {
    return check(schema, value, "");
}

std::string SchemaCheck::checkObject(const Object& schema, const Object& value,
                                     const std::string& place) const {
    std::set<std::string> named;
    Object::Ptr others;  // the schema of all fields that are not named
    bool open = false;
    for (const Object::Ptr& part : partsOf(schema)) {
        if (part->has("required")) {
            for (const Var& name : *part->getArray("required"))
                if (!value.has(name)) return place + ": lacks '" + name.toString() + "'";
        }
        if (part->has("additionalProperties")) {
            others = part->getObject("additionalProperties");
            open = open || !others.isNull() || part->getValue<bool>("additionalProperties");
        }
        if (!part->has("properties")) continue;
        for (const auto& [name, property] : *part->getObject("properties")) {
            named.insert(name);
            if (!value.has(name)) continue;
            const std::string wrong =
                check(*property.extract<Object::Ptr>(), value.get(name), place + '/' + name);
            if (!wrong.empty()) return wrong;
        }
    }
    for (const auto& [name, field] : value) {
        if (named.contains(name)) continue;
        if (!open) return place + ": '" + name + "' is not described";
        if (others.isNull()) continue;
        const std::string wrong = check(*others, field, place + '/' + name);
        if (!wrong.empty()) return wrong;
    }
    return {};
}

std::string SchemaCheck::check(const Object& schema, const Var& value,
                               const std::string& place) const {
    const Object::Ptr own = resolved(schema);
    if (value.isEmpty())
        return own->optValue("nullable", false) ? "" : place + ": must not be null";
    if (own->has("oneOf")) {
        std::string reasons;
        for (const Var& choice : *own->getArray("oneOf")) {
            const std::string wrong = check(*choice.extract<Object::Ptr>(), value, place);
            if (wrong.empty()) return {};
            reasons += "; " + wrong;
        }
        return place + ": matches none of oneOf" + reasons;
    }
    if (own->has("type") && !hasType(value, own->getValue<std::string>("type")))
        return place + ": " + value.toString() + " is not of the type " +
               own->getValue<std::string>("type");
    if (hasType(value, "object")) return checkObject(*own, *value.extract<Object::Ptr>(), place);
    if (!hasType(value, "array")) return checkScalar(*own, value, place);
    const auto items = value.extract<Array::Ptr>();
    for (std::size_t i = 0; own->has("items") && i < items->size(); ++i) {
        const std::string wrong =
            check(*own->getObject("items"), items->get(static_cast<unsigned>(i)),
                  place + '/' + std::to_string(i));
        if (!wrong.empty()) return wrong;
    }
    return {};
}

}  // namespace sheafline::test
