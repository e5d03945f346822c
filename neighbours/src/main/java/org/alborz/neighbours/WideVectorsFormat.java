package org.alborz.neighbours;

import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/** Lucene's format of a graph, without its limit of 1,024 numbers for each vector. Files name Lucene's own format, which reads them. */
final class WideVectorsFormat extends KnnVectorsFormat {
    private final KnnVectorsFormat lucene;

    WideVectorsFormat(int connections, int construction) {
        super("Lucene99HnswVectorsFormat");
        this.lucene = new Lucene99HnswVectorsFormat(connections, construction);
    }

    /** Returns Lucene's codec with this format for vectors. */
    Lucene912Codec codec() {
        return new Lucene912Codec() {
            @Override
            public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return WideVectorsFormat.this;
            }
        };
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
        return lucene.fieldsWriter(state);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
        return lucene.fieldsReader(state);
    }

    @Override
    public int getMaxDimensions(String field) {
        return HnswBuilder.MOST_NUMBERS;
    }
}
