package org.alborz.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.text.Quoted;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A file with options of a command: an object of JSON, comments allowed, whose keys are the names of options without the dashes, and {@code model}. What stands
 * on the command line wins.
 */
final class ConfigFile {
    private static final int MOST_BYTES = 1 << 20;

    private final Path file;

    /** The lines of the options that were taken from the file. */
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    private ConfigFile(Path file) {
        this.file = file;
    }

    /** Gives the options of a command, but for those on the command line, the values that a file has for them; for null there is none. */
    static ConfigFile apply(Path file, CommandSpec command) {
        ConfigFile config = new ConfigFile(file);
        if (file != null) {
            config.read(new ConfigKeys(command));
        }
        return config;
    }

    private void read(ConfigKeys keys) {
        JsonFactory json = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .build();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1); // a device may have no end
            if (bytes.length > MOST_BYTES) {
                throw CommandFailure.usage("--config expects a file of at most 1 MiB, got " + file);
            }
            try (JsonParser parser = json.createParser(bytes)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw wrong(line(parser), "expected an object, such as {\"epochs\": 20}");
                }
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    option(keys, parser);
                }
                if (parser.nextToken() != null) {
                    throw wrong(line(parser), "expected nothing more after the object");
                }
            }
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new CommandFailure(
                    ExitCodes.USAGE, where(line) + "this is no JSON: " + Quoted.escape(e.getOriginalMessage(), 200), e);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "--config expects a file of JSON that can be read, got '" + file + "' (" + e + ")",
                    e);
        }
    }

    private void option(ConfigKeys keys, JsonParser parser) throws IOException {
        String key = parser.currentName();
        int line = line(parser);
        ArgSpec option = keys.find(key);
        if (option == null) {
            throw wrong(line, "there is no option " + Quoted.text(key) + keys.nearest(key));
        }
        JsonToken token = parser.nextToken();
        String given = token == JsonToken.VALUE_STRING ? Quoted.text(parser.getText()) : parser.getText();
        Object value = value(option, parser, token);
        if (value == null) {
            throw wrong(line, key + " expects " + ConfigKeys.expected(option) + ", got " + given);
        }
        if (!keys.isOnCommandLine(option)) {
            option.setValue(value);
            lines.put(key, line);
        }
    }

    /** Returns the value of an option's type, or null where the file has another. */
    private static Object value(ArgSpec option, JsonParser parser, JsonToken token) throws IOException {
        Class<?> type = option.type();
        if (List.class.isAssignableFrom(type)) {
            return texts(parser, token);
        }
        if (type == Boolean.class || type == boolean.class) {
            return token.isBoolean() ? parser.getBooleanValue() : null;
        }
        if (type == Double.class || type == double.class) {
            return token.isNumeric() && Double.isFinite(parser.getDoubleValue()) ? parser.getDoubleValue() : null;
        }
        boolean whole = token == JsonToken.VALUE_NUMBER_INT;
        if (type == Integer.class || type == int.class) {
            return whole && parser.getNumberType() == JsonParser.NumberType.INT ? parser.getIntValue() : null;
        }
        if (type == Long.class || type == long.class) {
            return whole && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER ? parser.getLongValue() : null;
        }
        if (token != JsonToken.VALUE_STRING && !whole) {
            return null;
        }
        return type == Path.class ? path(parser.getText()) : parser.getText(); // such as "save-every": 500
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static List<String> texts(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            return List.of(parser.getText().split(",", -1));
        }
        if (token != JsonToken.START_ARRAY) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (JsonToken each = parser.nextToken(); each == JsonToken.VALUE_STRING; each = parser.nextToken()) {
            texts.add(parser.getText());
        }
        return parser.currentToken() == JsonToken.END_ARRAY ? texts : null;
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private String where(int line) {
        return file + ", line " + line + ": ";
    }

    private CommandFailure wrong(int line, String what) {
        return CommandFailure.usage(where(line) + what);
    }

    /** Does something, and where it refuses the value of an option that is from the file says so. */
    <T> T explaining(Supplier<T> work) {
        try {
            return work.get();
        } catch (CommandFailure e) {
            for (Map.Entry<String, Integer> option : lines.entrySet()) {
                String name = option.getKey().equals(ConfigKeys.MODEL) ? "MODEL" : "--" + option.getKey();
                if (e.getMessage().startsWith(name + " ")) {
                    throw new CommandFailure(e.exitCode(), where(option.getValue()) + e.getMessage(), e);
                }
            }
            throw e;
        }
    }
}
