package org.alborz.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.alborz.data.BytePairTokenizer;
import org.alborz.data.CharacterVocabulary;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.data.Subset;
import org.alborz.data.TokenWindows;
import org.alborz.text.Quoted;
import org.alborz.text.Utf8;

/** A text file in UTF-8, whose last tenth is held out from training. */
final class TextSource implements DataSource {
    private static final long MOST_BYTES = 1 << 28;
    private static final double TRAINING_SHARE = 0.9;

    /** Sequences to train on overlap: each token is in this many of them. */
    private static final int OVERLAP = 4;

    private final Path file;
    private final int limit;
    private final TextSettings settings;
    private final boolean isOther;
    private Tokens tokens;
    private String text;

    TextSource(Path file, int limit, TextSettings settings) {
        this(file, limit, settings, null, false);
    }

    /**
     * Reads a text by tokens that are known already.
     *
     * @param isOther whether it is another text than a model was trained on
     */
    TextSource(Path file, int limit, TextSettings settings, Tokens tokens, boolean isOther) {
        this.file = file;
        this.limit = OptionChecks.index("--limit", limit);
        this.settings = settings;
        this.tokens = tokens;
        this.isOther = isOther;
    }

    private String text() {
        if (text == null) {
            try {
                if (!Files.isRegularFile(file)) {
                    throw new DataException(Quoted.text(file.toString())
                            + (Files.exists(file) ? " is no file" : " does not exist") + "; " + settings.model()
                            + " learns a text: name a text file with --data");
                }
                if (Files.size(file) > MOST_BYTES) {
                    throw new DataException(Quoted.text(file.toString()) + " has " + Files.size(file)
                            + " bytes, and a text of at most " + MOST_BYTES + " is expected; take a part of it");
                }
                text = Utf8.decode(Files.readAllBytes(file));
            } catch (CharacterCodingException e) {
                throw new DataException(
                        Quoted.text(file.toString()) + " is no text in UTF-8; convert it, such as with iconv", e);
            } catch (IOException e) {
                throw new DataException(
                        Quoted.text(file.toString()) + " could not be read: " + e + ". Check its permissions.", e);
            }
        }
        return text;
    }

    /** Returns the tokens of the text, those of a new model made of it. */
    Tokens tokens() {
        if (tokens == null) {
            if (text().isEmpty()) {
                throw new DataException(Quoted.text(file.toString()) + " is empty; name a text to learn with --data");
            }
            tokens = settings.tokens().equals(TextSettings.CHARACTERS)
                    ? new Tokens.Characters(CharacterVocabulary.of(text()))
                    : new Tokens.BytePairs(BytePairTokenizer.train(text(), Integer.parseInt(settings.tokens())));
        }
        return tokens;
    }

    private Dataset windows(int from, int to, int stride) {
        int[] part = tokens().encode(text().substring(from, to));
        if (part.length <= settings.context()) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s has only %,d tokens in a part that is trained or measured on, and --context %d needs more; take a"
                            + " longer text or a smaller --context",
                    Quoted.text(file.toString()),
                    part.length,
                    settings.context()));
        }
        Dataset windows = TokenWindows.of(part, settings.context()).stride(stride);
        return limit == 0 ? windows : Subset.first(windows, limit);
    }

    private int border() {
        int border = (int) (text().length() * TRAINING_SHARE);
        boolean pair = border > 0 && border < text().length() && Character.isLowSurrogate(text().charAt(border));
        return pair ? border - 1 : border;
    }

    @Override
    public Dataset training() {
        return windows(0, border(), Math.max(1, settings.context() / OVERLAP));
    }

    @Override
    public Dataset validation() {
        return windows(border(), text().length(), settings.context());
    }

    /** Returns the part that was held out; of another text than a model was trained on, all of it. */
    @Override
    public Dataset test() {
        return isOther ? windows(0, text().length(), settings.context()) : validation();
    }

    @Override
    public Signature signature(Dataset training) {
        return new Signature(Task.LANGUAGE_MODEL, 0, tokens().size());
    }

    @Override
    public String describe(Dataset samples) {
        return String.format(
                Locale.ROOT,
                "%,d sequences of %d of %s, %,d %s",
                samples.size(),
                settings.context(),
                file,
                tokens().size(),
                settings.tokens().equals(TextSettings.CHARACTERS) ? "characters" : "byte pairs");
    }

    @Override
    public String unit() {
        return "sequences";
    }

    @Override
    public boolean isGenerated() {
        return false;
    }

    @Override
    public boolean reads(Path real) {
        return WritablePlace.isSame(real, file);
    }
}
