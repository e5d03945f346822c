package org.alborz.cuda.dnn.graph;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * The engine of cuDNN's graph API that a convolution and what follows it take.
 *
 * @param number cuDNN's own for it among those of the graph; empty where separate calls do it
 * @param workspace bytes of scratch memory it needs, 0 without an engine
 * @param refusal why separate calls do it, or empty with an engine
 */
public record ChosenEngine(FusionKey key, OptionalInt number, long workspace, String refusal) {
    static ChosenEngine of(FusionKey key, GraphEngine engine) {
        return new ChosenEngine(key, OptionalInt.of(engine.number()), engine.workspace(), "");
    }

    static ChosenEngine none(FusionKey key, String refusal) {
        return new ChosenEngine(key, OptionalInt.empty(), 0, refusal);
    }

    @Override
    public String toString() {
        return number.isPresent()
                ? String.format(
                        Locale.ROOT,
                        "%s: engine %d, %.1f MiB of workspace",
                        key.text(),
                        number.getAsInt(),
                        workspace / 0x1p20)
                : key.text() + ": separate calls, since " + refusal;
    }
}
