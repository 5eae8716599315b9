// Checks a JSON value against a schema of the OpenAPI document. Supports the part of JSON Schema
// that the document uses, and is stricter than a client: a field that the schema does not name is a
// finding, so that the document describes all fields of all answers. Immutable.
#pragma once

#include <string>
#include <vector>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>

namespace sheafline::test {

class SchemaCheck {
 public:
    // `schemas` is components.schemas.
    explicit SchemaCheck(Poco::JSON::Object::Ptr schemas) : schemas_(std::move(schemas)) {}

    // The first difference, as "/items/0/state: …"; empty if there is none.
    std::string finding(const Poco::JSON::Object& schema, const Poco::Dynamic::Var& value) const;

 private:
    using Object = Poco::JSON::Object;
    std::string check(const Object& schema, const Poco::Dynamic::Var& value,
                      const std::string& place) const;
    std::string checkObject(const Object& schema, const Object& value,
                            const std::string& place) const;
    // All schemas that the value must match: this one and those of its allOf.
    std::vector<Object::Ptr> partsOf(const Object& schema) const;
    Object::Ptr resolved(const Object& schema) const;

    Object::Ptr schemas_;
};

}  // namespace sheafline::test
