package org.alborz.neighbours;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.store.ByteBuffersDirectory;

/** Makes an {@link HnswIndex} of vectors that come part by part, such as the features of one batch after another. Belongs to one thread at a time. */
public final class HnswBuilder {
    /** So many numbers a vector has at most. */
    static final int MOST_NUMBERS = 1 << 15;

    /** Lucene's own limits. */
    private static final int MOST_CONNECTIONS = 512;

    private static final int MOST_CONSTRUCTION = 3200;

    /** A set of up to so many megabytes is one graph; of a larger one each part is a graph of its own, all of which are searched. */
    private static final double ONE_GRAPH_MB = 1900;

    private final int size;
    private final Distance distance;
    private int connections = 16;
    private int construction = 100;
    private final ByteBuffersDirectory files = new ByteBuffersDirectory();
    private IndexWriter writer;
    private int count;
    private boolean built;

    HnswBuilder(int size, Distance distance) {
        if (size < 1 || size > MOST_NUMBERS) {
            throw new IllegalArgumentException(
                    "HnswIndex expects vectors of 1 to " + MOST_NUMBERS + " numbers, got " + size);
        }
        if (Given.value(distance, "HnswIndex", "a distance") == Distance.L1) {
            throw new IllegalArgumentException(
                    "HnswIndex expects the distance L2 or COSINE, got L1; NearestNeighbours searches by L1");
        }
        this.size = size;
        this.distance = distance;
    }

    /**
     * Sets how many neighbours a vector is connected with in the graph, M of the paper: 16 unless set. More need more memory and time, and miss less.
     *
     * @param number from 2 to 512
     */
    public HnswBuilder connections(int number) {
        connections = setting("connections", number, MOST_CONNECTIONS);
        return this;
    }

    /**
     * Sets among how many candidates the neighbours of a new vector are chosen, efConstruction of the paper: 100 unless set.
     *
     * @param number from 2 to 3200
     */
    public HnswBuilder construction(int number) {
        construction = setting("construction", number, MOST_CONSTRUCTION);
        return this;
    }

    private int setting(String name, int number, int most) {
        if (number < 2 || number > most) {
            throw new IllegalArgumentException(name + " expects a number from 2 to " + most + ", got " + number);
        }
        if (count > 0) {
            throw new IllegalStateException(name + " is set before the first vector is added");
        }
        return number;
    }

    /**
     * Adds vectors, whose indices follow those of the vectors before.
     *
     * @param vectors {@code [count, size]}, floating and finite
     */
    public HnswBuilder add(Tensor vectors) {
        if (built) {
            throw new IllegalStateException("The index was built, and takes no more vectors; make another");
        }
        float[][] rows = Vectors.rows(vectors, size, "vectors");
        try {
            for (float[] row : rows) {
                Document document = new Document();
                document.add(new KnnFloatVectorField(
                        HnswIndex.FIELD, Vectors.prepared(row, distance), Vectors.similarity(distance)));
                writer().addDocument(document);
                count++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory
        }
        return this;
    }

    private IndexWriter writer() throws IOException {
        if (writer == null) {
            writer = new IndexWriter(
                    files,
                    new IndexWriterConfig()
                            .setCodec(new WideVectorsFormat(connections, construction).codec())
                            .setRAMBufferSizeMB(ONE_GRAPH_MB)
                            .setMergePolicy(NoMergePolicy.INSTANCE) // keeps the order, which the indices are
                            .setUseCompoundFile(false)
                            .setCommitOnClose(false));
        }
        return writer;
    }

    /** Returns the index of what was added, at least one vector. */
    public HnswIndex build() {
        if (count == 0 || built) {
            throw new IllegalStateException(
                    built ? "The index was built already" : "HnswIndex expects at least one vector, got none");
        }
        built = true;
        try (IndexWriter closing = writer) {
            closing.setLiveCommitData(
                    Map.of(HnswIndex.DISTANCE, distance.name()).entrySet());
            closing.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory
        }
        return HnswIndex.of(files);
    }
}
