package damtshilfe.interop;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import damtshilfe.interop.meta.PartyIdentifierType;
import damtshilfe.interop.meta.PartyType;

/** A party, as demo.json and the task describe it. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Party(String value, String type, String name, String category) {

    PartyType toElement() {
        PartyIdentifierType identifier = new PartyIdentifierType();
        identifier.setValue(value);
        identifier.setType(type);
        identifier.setName(name);
        identifier.setCategory(category);
        PartyType party = new PartyType();
        party.setIdentifier(identifier);
        return party;
    }
}
