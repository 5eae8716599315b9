// Checks a JSON value against a schema of the OpenAPI document: the part of JSON Schema that the
// document uses. Stricter than a client has to be: a field that the schema does not name is a
// finding, so that no answer has fields that the document does not describe. Immutable.
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

    // The first thing that is wrong, as "/items/0/state: …"; empty if nothing is.
    std::string finding(const Poco::JSON::Object& schema, const Poco::Dynamic::Var& value) const;

 private:
    using Object = Poco::JSON::Object;
    std::string check(const Object& schema, const Poco::Dynamic::Var& value,
                      const std::string& place) const;
    std::string checkObject(const Object& schema, const Object& value,
                            const std::string& place) const;
    // All schemas that the value has to match at once: this one and those of its allOf.
    std::vector<Object::Ptr> partsOf(const Object& schema) const;
    Object::Ptr resolved(const Object& schema) const;

    Object::Ptr schemas_;
};

}  // namespace sheafline::test
