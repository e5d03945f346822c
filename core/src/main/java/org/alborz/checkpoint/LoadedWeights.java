package org.alborz.checkpoint;

import java.util.List;

/**
 * What loading a file's weights did.
 *
 * @param loaded names of the model whose values are the file's now
 * @param missing names of the model that were left as they were, since the file has none for them or they were not asked for
 * @param skipped tensors of the file that the model did not take, by their names there
 */
public record LoadedWeights(List<String> loaded, List<String> missing, List<String> skipped) {
    public LoadedWeights {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        skipped = List.copyOf(skipped);
    }
}
