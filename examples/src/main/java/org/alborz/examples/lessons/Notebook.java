package org.alborz.examples.lessons;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alborz.examples.lessons.Finding.Verdict;
import org.alborz.tensor.Session;

/** What a lesson computes with and writes into: a session, data, lines of text, comparisons with the notes and pictures. */
public final class Notebook implements AutoCloseable {
    private final String name;
    private final LessonSettings settings;
    private final LessonData data;
    private final PrintStream out = System.out;
    private final StringBuilder text = new StringBuilder();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Path> pictures = new ArrayList<>();
    private Session session;
    private Path folder;

    Notebook(String name, LessonSettings settings) {
        this.name = name;
        this.settings = settings;
        this.data = new LessonData(settings.cifar10(), settings.seed());
    }

    /** Returns the lesson's session, opened with the first call; the notebook closes it. */
    public Session session() {
        if (session == null) {
            session = settings.sessions().get();
        }
        return session;
    }

    /** Returns the images of the course. */
    public LessonData data() {
        return data;
    }

    /** Returns an empty folder for files that the lesson writes and reads again; it is deleted with the notebook. */
    public Path folder() throws IOException {
        if (folder == null) {
            folder = Files.createTempDirectory("alborz-lesson-");
        }
        return folder;
    }

    /** Tells whether there is a file in {@link #folder}, or below it, whose name has this in it. */
    public boolean hasFile(String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder())) {
            return files.anyMatch(file -> file.getFileName().toString().contains(name));
        }
    }

    /** Returns the seed that random numbers of the lesson follow from. */
    public long seed() {
        return settings.seed();
    }

    /** Returns one of three sizes, by the settings: for a test, for two minutes at most, and that of the notes. */
    public int size(int quick, int usual, int full) {
        return settings.quick() ? quick : settings.full() ? full : usual;
    }

    /** Tells whether the lesson is as small as a test needs it, too small for claims about what was learned. */
    public boolean isQuick() {
        return settings.quick();
    }

    /** Tells whether the lesson runs at the notes' own size. */
    public boolean isFull() {
        return settings.full();
    }

    /** Prints a line, as {@link String#format} makes it. */
    public void say(String format, Object... values) {
        String line = String.format(Locale.ROOT, format, values);
        text.append(line).append('\n');
        out.println(line);
    }

    /**
     * Compares a number with the notes': they agree where ours, rounded to as many digits after the point, is theirs. A whole number is met
     * to 1e-4.
     */
    public void exactly(String what, double ours, String notes) {
        BigDecimal expected = new BigDecimal(notes);
        double tolerance = expected.scale() > 0 ? 0.5 * Math.pow(10, -expected.scale()) : 1e-4;
        boolean agrees = Math.abs(ours - expected.doubleValue()) <= tolerance * (1 + 1e-6);
        print(
                new Finding(what, ours, notes, agrees ? Verdict.AGREES : Verdict.DIFFERS),
                withDigits(ours, expected.scale() + 1));
    }

    /** Compares a number that random numbers are part of: they agree where they differ by at most {@code tolerance}. */
    public void about(String what, double ours, double notes, double tolerance) {
        String range = String.format(Locale.ROOT, "%s +- %s", plain(notes), plain(tolerance));
        boolean agrees = Math.abs(ours - notes) <= tolerance;
        print(new Finding(what, ours, range, agrees ? Verdict.AGREES : Verdict.DIFFERS), plain(ours));
    }

    /** As {@link #about}, but compared only where the lesson runs on CIFAR-10 and at the notes' own size. */
    public void aboutInFull(String what, double ours, double notes, double tolerance) {
        if (settings.full() && data.isCifar10()) {
            about(what, ours, notes, tolerance);
        } else {
            print(new Finding(what, ours, plain(notes), Verdict.NOT_COMPARED), plain(ours));
        }
    }

    /** States something that has to hold. */
    public void claim(String what, boolean holds) {
        Finding finding = new Finding(what, holds ? 1 : 0, "", holds ? Verdict.AGREES : Verdict.DIFFERS);
        findings.add(finding);
        say("  %-62s holds: %s", what, finding.verdict().word());
    }

    private void print(Finding finding, String ours) {
        findings.add(finding);
        say(
                "  %-40s ours %10s   notes %14s   agree: %s",
                finding.what(), ours, finding.notes(), finding.verdict().word());
    }

    /** Returns a number with so many digits after the point, or fewer where further ones are 0. */
    private static String withDigits(double value, int digits) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    /** Returns a number with four significant digits at most, without an exponent where it is short so. */
    private static String plain(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e7)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        BigDecimal whole = BigDecimal.valueOf(value).setScale(0, RoundingMode.HALF_EVEN);
        BigDecimal digits = size >= 1e4 ? whole : BigDecimal.valueOf(value).round(new MathContext(4));
        return digits.signum() == 0 ? "0" : digits.stripTrailingZeros().toPlainString();
    }

    /** Writes a picture as PNG where the settings name a folder for pictures. */
    public void picture(String title, BufferedImage image) throws IOException {
        if (settings.pictures() == null) {
            return;
        }
        Files.createDirectories(settings.pictures());
        Path file = settings.pictures().resolve(name + "-" + title + ".png");
        if (!ImageIO.write(image, "png", file.toFile())) {
            throw new IOException("This Java has no writer for PNG files; " + file + " was not written.");
        }
        pictures.add(file);
        say("  picture %s", file.getFileName());
    }

    LessonResult result(double seconds) {
        return new LessonResult(name, text.toString(), findings, pictures, seconds);
    }

    @Override
    public void close() throws IOException {
        if (session != null) {
            session.close();
        }
        if (folder != null) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
