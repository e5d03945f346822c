package org.alborz.tune;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A study's trials as a file: a line with its settings, then one for each trial that has ended, all JSON. */
final class TrialFile {
    private static final Logger log = LoggerFactory.getLogger(TrialFile.class);

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Path path;
    private final Header header;

    /** Open while trials may be added. */
    private FileChannel channel;

    /** What has to be the same for a study to go on. */
    record Header(Direction direction, String description, String space, String strategy, List<String> rules) {}

    /** A line; settings are plain values here. */
    private record Line(
            int number,
            Map<String, Object> settings,
            int budget,
            int from,
            Trial.State state,
            double value,
            List<Trial.Report> reports,
            double seconds,
            String message) {}

    TrialFile(Path path, Header header) {
        this.path = path;
        this.header = header;
    }

    /**
     * Returns the stored trials, without a last line that is not whole: a kill leaves it, or another process is writing it. Where the file is
     * open, and so this process's alone, such a line is cut off.
     */
    List<Trial> read(SearchSpace space) {
        try {
            if (!Files.exists(path)) {
                return List.of();
            }
            String text = channel == null ? Files.readString(path) : text();
            int end = text.lastIndexOf('\n') + 1;
            if (end < text.length() && channel != null) {
                log.warn("{} ends within a line, which is cut off: the trial is run again.", path);
                channel.truncate(text.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
            }
            List<Trial> trials = new ArrayList<>();
            List<String> lines = text.substring(0, end).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (i == 0) {
                    requireSame(parse(lines.get(0), Header.class, 1));
                } else {
                    trials.add(trial(space, lines.get(i), i + 1));
                }
            }
            return trials;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read as a study's trials: " + e.getMessage(), e);
        }
    }

    /** Reads the file by the channel that has the lock: with another one that is closed the system would give up the lock (POSIX). */
    private String text() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // until all is read
        }
        return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    }

    private void requireSame(Header stored) {
        if (!stored.equals(header)) {
            throw new IllegalArgumentException(
                    path + " is of another study; use another file, or the same settings. Stored: " + stored + ", now: "
                            + header);
        }
    }

    private Trial trial(SearchSpace space, String text, int number) {
        Line line = parse(text, Line.class, number);
        try {
            if (line.state == Trial.State.RUNNING) {
                throw new IllegalArgumentException("a stored trial has ended, this one is " + line.state);
            }
            return new Trial(
                    line.number,
                    space.require(line.settings),
                    line.budget,
                    line.from,
                    line.state,
                    line.value,
                    line.reports,
                    line.seconds,
                    line.message);
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "Line " + number + " of " + path + " is no trial of this study: " + e.getMessage(), e);
        }
    }

    private <T> T parse(String text, Class<T> type, int number) {
        try {
            T value = MAPPER.readValue(text, type);
            if (value == null) {
                throw new IllegalArgumentException("Line " + number + " of " + path + " is null");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Line " + number + " of " + path + " is damaged: " + Quoted.text(text) + "; "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /**
     * Opens the file to add trials, for this process only.
     *
     * @throws IllegalStateException when another one has it
     */
    void open() {
        try {
            if (path.toAbsolutePath().getParent() != null) {
                Files.createDirectories(path.toAbsolutePath().getParent());
            }
            FileChannel opened = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!isLocked(opened)) {
                opened.close();
                throw new IllegalStateException(
                        "Another study is running on " + path + "; wait for it, or use another file");
            }
            channel = opened;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be opened for a study's trials: " + e.getMessage(), e);
        }
    }

    /** The lock ends with the channel. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Adds a trial, and the header before the first; it is on the disk when this returns, or nothing of it where the disk is full. */
    void append(Trial trial) {
        try {
            long size = channel.size();
            String text = size == 0 ? MAPPER.writeValueAsString(header) + "\n" : "";
            text += MAPPER.writeValueAsString(line(trial)) + "\n";
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes, size + bytes.position());
                }
            } finally {
                if (bytes.hasRemaining()) { // a trial of another thread may still be added
                    channel.truncate(size);
                }
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Trial " + trial.number() + " cannot be written to " + path + ": " + e.getMessage(), e);
        }
    }

    private static Line line(Trial trial) {
        return new Line(
                trial.number(),
                trial.settings().values(),
                trial.budget(),
                trial.from(),
                trial.state(),
                trial.value(),
                trial.reports(),
                trial.seconds(),
                trial.message());
    }

    void close() {
        try (FileChannel closing = channel) {
            channel = null;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
