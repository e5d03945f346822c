package org.alborz.data;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alborz.data.BytePairTokenizer.Pair;
import org.alborz.text.Quoted;

/** The file of a {@link BytePairTokenizer}: {@code {"format": "alborz byte pairs", "merges": [[116, 104], [256, 101], …]}}. */
final class BytePairFile {
    private static final String FORMAT = "alborz byte pairs";
    private static final long MOST_BYTES = 1 << 26;

    /** What errors call a vocabulary that is in no file. */
    private static final String TEXT = "The text";

    private BytePairFile() {}

    static void write(Path file, List<Pair> merges) {
        try (JsonGenerator json = new JsonFactory().createGenerator(Files.newOutputStream(file), JsonEncoding.UTF8)) {
            write(json, merges);
        } catch (IOException e) {
            throw new DataException(
                    FileInput.name(file) + " could not be written: " + Quoted.escape(e.toString(), 300)
                            + ". Check the permissions and the disk.",
                    e);
        }
    }

    static String text(List<Pair> merges) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            write(json, merges);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, List<Pair> merges) throws IOException {
        json.writeStartObject();
        json.writeStringField("format", FORMAT);
        json.writeArrayFieldStart("merges");
        for (Pair pair : merges) {
            json.writeArray(new int[] {pair.first(), pair.second()}, 0, 2);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static List<Pair> read(Path file) {
        try (InputStream in = FileInput.open(file, MOST_BYTES);
                JsonParser json = new JsonFactory().createParser(in)) {
            return read(FileInput.name(file), json);
        } catch (JsonProcessingException e) {
            throw noVocabulary(FileInput.name(file), e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
    }

    static List<Pair> parse(String text) {
        try (JsonParser json = new JsonFactory().createParser(text)) {
            return read(TEXT, json);
        } catch (JsonProcessingException e) {
            throw noVocabulary(TEXT, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DataException noVocabulary(String name, JsonProcessingException cause) {
        return new DataException(
                name + " is no vocabulary of byte pairs: " + Quoted.escape(cause.getOriginalMessage(), 200), cause);
    }

    private static List<Pair> read(String name, JsonParser json) throws IOException {
        require(name, json.nextToken() == JsonToken.START_OBJECT, "an object");
        require(name, "format".equals(json.nextFieldName()), "the format first");
        require(name, FORMAT.equals(json.nextTextValue()), "the format \"" + FORMAT + "\"");
        require(name, "merges".equals(json.nextFieldName()), "the merges");
        List<Pair> merges = readMerges(name, json);
        require(name, json.nextToken() == JsonToken.END_OBJECT && json.nextToken() == null, "nothing more");
        return merges;
    }

    private static List<Pair> readMerges(String file, JsonParser json) throws IOException {
        List<Pair> merges = new ArrayList<>();
        Set<Pair> seen = new HashSet<>();
        List<Integer> lengths = new ArrayList<>(Collections.nCopies(BytePairTokenizer.BYTES, 1));
        require(file, json.nextToken() == JsonToken.START_ARRAY, "an array of merges");
        while (json.nextToken() == JsonToken.START_ARRAY) {
            int tokens = BytePairTokenizer.BYTES + merges.size();
            Pair pair = new Pair(json.nextIntValue(-1), json.nextIntValue(-1));
            boolean known = pair.first() >= 0
                    && pair.first() < tokens
                    && pair.second() >= 0
                    && pair.second() < tokens
                    && json.nextToken() == JsonToken.END_ARRAY;
            require(
                    file,
                    known && seen.add(pair) && tokens < BytePairTokenizer.MOST_TOKENS,
                    "two tokens from 0 to " + (tokens - 1) + " that no merge before has, in merge " + merges.size());
            int length = lengths.get(pair.first()) + lengths.get(pair.second());
            require(
                    file,
                    length <= ByteWords.MOST_BYTES,
                    "tokens of at most " + ByteWords.MOST_BYTES + " bytes, as words have, in merge " + merges.size());
            lengths.add(length);
            merges.add(pair);
        }
        require(file, json.currentToken() == JsonToken.END_ARRAY, "arrays of two tokens");
        return merges;
    }

    private static void require(String file, boolean condition, String expected) {
        if (!condition) {
            throw new DataException(file + " should be a vocabulary of byte pairs and have " + expected
                    + "; check that it is a file that BytePairTokenizer.save wrote");
        }
    }
}
