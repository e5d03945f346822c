package org.alborz.tck;

import java.util.List;
import java.util.stream.Stream;

/** Every operation of the engine with sample inputs, an oracle and a tolerance; a new operation gets its entry here. */
final class OpCatalog {
    private OpCatalog() {}

    static List<OpEntry> entries() {
        return Stream.of(
                        UnaryEntries.all(),
                        BinaryEntries.all(),
                        MaskEntries.all(),
                        ReductionEntries.all(),
                        ShapeEntries.all(),
                        IndexEntries.all(),
                        MatrixEntries.all(),
                        ConvolutionEntries.all(),
                        PoolingEntries.all(),
                        ImageEntries.all(),
                        NormalizationEntries.all(),
                        SequenceEntries.all(),
                        RowNormEntries.all())
                .flatMap(List::stream)
                .toList();
    }
}
