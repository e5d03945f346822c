package org.alborz.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.models.Gpt;
import org.alborz.models.LstmLanguageModel;
import org.alborz.nn.Layer;
import org.alborz.text.Quoted;

/**
 * The sizes of a language model.
 *
 * @param tokens {@value #CHARACTERS}, or how many byte pairs there are at most
 * @param context how many tokens a sequence has
 * @param size of a token's vector, and of an LSTM's layers
 * @param heads of attention; 1 of an LSTM, which has none
 */
record TextSettings(String model, String tokens, int context, int size, int heads, int layers, double dropout) {
    static final String CHARACTERS = "characters";
    static final String TOKENS = "tokens";
    static final String CONTEXT = "context";
    static final String SIZE = "size";
    static final String HEADS = "heads";
    static final String LAYERS = "layers";
    static final String DROPOUT = "dropout";

    /** The models of texts. */
    static final List<String> MODELS = List.of("gpt", "lstm");

    private static final int FEWEST_BYTE_PAIRS = 256;
    private static final int MOST_BYTE_PAIRS = 1 << 16;
    private static final int MOST_CONTEXT = 1 << 16;
    private static final int MOST_SIZE = 1 << 14;
    private static final int MOST_LAYERS = 256;

    static boolean isOf(String model) {
        return MODELS.contains(model);
    }

    /** Reads what was given, with defaults for the rest: small sizes that learn a text of a megabyte in minutes. */
    static TextSettings of(String model, Map<String, String> details) {
        boolean gpt = model.equals("gpt");
        Details.requireKeys(
                details,
                gpt
                        ? List.of(TOKENS, CONTEXT, SIZE, HEADS, LAYERS, DROPOUT)
                        : List.of(TOKENS, CONTEXT, SIZE, LAYERS, DROPOUT),
                model);
        int size = Details.number(details, SIZE, gpt ? 96 : 192, MOST_SIZE);
        int heads = gpt ? Details.number(details, HEADS, 4, size) : 1;
        if (size % heads != 0) {
            throw OptionChecks.refused("--size", "a multiple of --heads " + heads, size);
        }
        String tokens = details.getOrDefault(TOKENS, CHARACTERS);
        if (!tokens.equals(CHARACTERS)) {
            if (!tokens.matches("[0-9]+")) {
                throw OptionChecks.refused(
                        "--tokens",
                        CHARACTERS + ", or " + FEWEST_BYTE_PAIRS + " to " + MOST_BYTE_PAIRS + " byte pairs",
                        Quoted.text(tokens));
            }
            OptionChecks.between(
                    "--tokens",
                    Details.number(details, TOKENS, 0, MOST_BYTE_PAIRS),
                    FEWEST_BYTE_PAIRS,
                    MOST_BYTE_PAIRS);
        }
        return new TextSettings(
                model,
                tokens,
                Details.number(details, CONTEXT, 64, MOST_CONTEXT),
                size,
                heads,
                Details.number(details, LAYERS, 2, MOST_LAYERS),
                dropout(details.getOrDefault(DROPOUT, "0.1")));
    }

    private static double dropout(String text) {
        double rate;
        try {
            rate = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            rate = Double.NaN;
        }
        if (!(rate >= 0 && rate < 1)) {
            throw OptionChecks.refused("--dropout", "a number from 0 to below 1", "'" + text + "'");
        }
        return rate;
    }

    /** Returns all of them as {@link #of} reads them. */
    Map<String, String> details() {
        Map<String, String> details = new TreeMap<>(Map.of(
                TOKENS, tokens,
                CONTEXT, Integer.toString(context),
                SIZE, Integer.toString(size),
                LAYERS, Integer.toString(layers),
                DROPOUT, Double.toString(dropout)));
        if (model.equals("gpt")) {
            details.put(HEADS, Integer.toString(heads));
        }
        return Details.sorted(details);
    }

    /** Returns the net, not yet made on a device. */
    Layer newModel(int vocabulary) {
        return model.equals("gpt")
                ? new Gpt(new Gpt.Configuration(vocabulary, context, size, heads, layers, dropout))
                : new LstmLanguageModel(new LstmLanguageModel.Configuration(vocabulary, size, size, layers, dropout));
    }
}
