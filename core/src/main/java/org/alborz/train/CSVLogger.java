package org.alborz.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alborz.text.Csv;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * Writes a line of figures to a CSV file after each epoch: the epoch, counted from 1, losses and metrics, and the learning rate, with all digits.
 *
 * <p>A new run replaces the file, or goes on behind its lines where {@link #append} says so. A resumed run goes on behind the epochs that its
 * checkpoint holds: lines of later epochs, which it does again, and half a line that a kill has left are removed first.
 */
public final class CSVLogger implements Callback {
    private static final String EPOCH = "epoch";
    private static final String LEARNING_RATE = "learning_rate";
    private static final String SEPARATOR = "separator";
    private static final String BEFORE = "lines_before";

    private final Path file;
    private final String separator;
    private final boolean append;

    /** How many lines of earlier runs stand between the header and this run's; −1 until that is known. */
    private int before = -1;

    /** Writes to a file, with commas. */
    public CSVLogger(Path file) {
        this(Given.value(file, "CSVLogger", "a file"), ",", false);
    }

    private CSVLogger(Path file, String separator, boolean append) {
        this.file = file;
        this.separator = separator;
        this.append = append;
    }

    /** Returns one that writes another character between the figures, such as {@code ;} or a tab. */
    public CSVLogger separator(String value) {
        String given = Given.value(value, "CSVLogger", "a separator");
        if (given.length() != 1 || given.matches("[\"\\n\\r0-9a-zA-Z.+-]")) {
            throw new IllegalArgumentException(
                    "CSVLogger expects as separator one character that no number has, got " + Quoted.text(given));
        }
        return new CSVLogger(file, given, append);
    }

    /** Returns one whose new runs go on behind the lines that the file has already; they must have the same columns. */
    public CSVLogger append() {
        return new CSVLogger(file, separator, true);
    }

    @Override
    public boolean rankZeroOnly() {
        return true;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        try {
            String text = Files.exists(file) ? Files.readString(file) : "";
            if (!text.isEmpty() && (append || before > 0 || trainer.epoch() > 0)) {
                requireOurs(text.lines().findFirst().orElse(""));
            }
            List<String> lines = wholeLines(text);
            if (before < 0) {
                before = append && trainer.batches() == 0 ? Math.max(0, lines.size() - 1) : 0;
            }
            replace(kept(lines, trainer.epoch()));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Returns the lines but for what a kill has left of one. */
    private static List<String> wholeLines(String text) {
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    /** Returns the header, the lines of earlier runs and those of this run's epochs; nothing where there are none. */
    private List<String> kept(List<String> lines, int epochs) {
        List<String> kept = new ArrayList<>();
        if (before == 0 && epochs == 0 || lines.isEmpty()) {
            return kept;
        }
        kept.add(lines.get(0));
        for (int i = 1; i < lines.size(); i++) {
            if (i <= before || epochOf(lines.get(i)) <= epochs) {
                kept.add(lines.get(i));
            }
        }
        return kept;
    }

    private void requireOurs(String header) {
        if (!header.startsWith(EPOCH + separator)) {
            throw new IllegalArgumentException("CSVLogger expects " + file + " to begin with the header '" + EPOCH
                    + separator + "…', got " + Quoted.text(header, 100) + "; remove the file, or name another");
        }
    }

    private int epochOf(String line) {
        try {
            return Integer.parseInt(line.split(Pattern.quote(separator), 2)[0]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "CSVLogger cannot go on in " + file
                            + ", since this line does not begin with the number of an epoch: " + Quoted.text(line, 100)
                            + ". Remove the line, or name another file",
                    e);
        }
    }

    private void replace(List<String> lines) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        Path whole = parent.resolve(file.getFileName() + ".tmp");
        if (lines.isEmpty()) {
            Files.deleteIfExists(whole); // of a kill
            Files.deleteIfExists(file);
            return;
        }
        Files.writeString(whole, lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        Map<String, Double> figures = new LinkedHashMap<>(result.figures());
        figures.put(LEARNING_RATE, trainer.learningRate());
        String header =
                EPOCH + separator + figures.keySet().stream().map(this::quoted).collect(joined());
        String line = result.epoch()
                + separator
                + figures.values().stream().map(value -> Double.toString(value)).collect(joined());
        try {
            boolean isNew = !Files.exists(file);
            if (!isNew) {
                requireSame(header);
            }
            Files.writeString(
                    file,
                    (isNew ? header + "\n" : "") + line + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private Collector<CharSequence, ?, String> joined() {
        return Collectors.joining(separator);
    }

    private String quoted(String name) {
        return Csv.field(name, separator);
    }

    private void requireSame(String header) throws IOException {
        String found;
        try (Stream<String> lines = Files.lines(file)) {
            found = lines.findFirst().orElse("");
        }
        if (!found.equals(header)) {
            throw new IllegalArgumentException("CSVLogger expects " + file + " to have the columns " + header + ", got "
                    + Quoted.text(found, 200) + "; measure the same, or name another file");
        }
    }

    private UncheckedIOException unwritable(IOException cause) {
        return new UncheckedIOException(
                "CSVLogger cannot write " + file + ": " + cause + "; check its folder, permissions and the disk",
                cause);
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        state.put(SEPARATOR, separator);
        state.put(BEFORE, Integer.toString(Math.max(0, before)));
        return state;
    }

    @Override
    public void restore(Map<String, String> state) {
        SavedState saved = new SavedState(name(), state);
        saved.requireSame(SEPARATOR, separator, null);
        before = saved.count(BEFORE);
    }
}
