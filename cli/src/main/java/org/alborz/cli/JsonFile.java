package org.alborz.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Reads and writes records as JSON. What is read must be of the record's own types, whole, and nothing else. */
final class JsonFile {
    /** The name of the empty map that a property may have where it is missing. */
    static final String DETAILS = "details";

    /** The name of false, which a property may be where it is missing. */
    static final String OFF = "off";

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfigDefaults(types -> {
                for (CoercionInputShape shape : CoercionInputShape.values()) {
                    types.setCoercion(shape, CoercionAction.Fail);
                }
            })
            .withCoercionConfig(
                    LogicalType.Float, // 1 is a floating-point number as well
                    type -> type.setCoercion(CoercionInputShape.Integer, CoercionAction.TryConvert))
            .injectableValues(
                    new InjectableValues.Std().addValue(DETAILS, Map.of()).addValue(OFF, false))
            .build();

    private JsonFile() {}

    /** Writes a value, and its folder where there is none; a file is whole or as it was before, a device or pipe is written to. */
    static void write(Path file, Object value) {
        String text = indentedText(value);
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            if (target.getParent() != null) {
                Files.createDirectories(target.getParent());
            }
            boolean replaceable = !Files.exists(target) || Files.isRegularFile(target);
            if (replaceable && Files.isWritable(target.getParent())) {
                AtomicFile.writeBeside(target, text);
            } else {
                Files.writeString(target, text);
            }
        } catch (IOException e) {
            throw CommandFailure.unwritable(file, e);
        }
    }

    static String text(Object value) {
        return text(MAPPER.writer(), value);
    }

    static String indentedText(Object value) {
        return text(MAPPER.writer(SerializationFeature.INDENT_OUTPUT), value);
    }

    private static String text(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(value + " has no JSON form", e);
        }
    }

    /**
     * Reads text of any form.
     *
     * @throws IllegalArgumentException when it is no JSON
     */
    static JsonNode tree(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a value from text.
     *
     * @throws IllegalArgumentException when the text is not the JSON form of such a value
     */
    static <T> T parse(String text, Class<T> type) {
        try {
            T value = MAPPER.readValue(text, type);
            if (value == null) {
                throw new IllegalArgumentException("null is no " + type.getSimpleName());
            }
            return value;
        } catch (ValueInstantiationException e) { // what the record itself refuses
            throw new IllegalArgumentException(
                    e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage(), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }
}
