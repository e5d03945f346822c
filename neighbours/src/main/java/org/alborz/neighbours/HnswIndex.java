package org.alborz.neighbours;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.alborz.data.DataException;
import org.alborz.explain.NearestNeighbours;
import org.alborz.explain.NearestNeighbours.Distance;
import org.alborz.explain.NearestNeighbours.Neighbour;
import org.alborz.tensor.Tensor;
import org.alborz.text.Quoted;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.IOContext;

/**
 * Finds the vectors of a large set that are nearest to others without comparing with all of them, by a hierarchical navigable small world graph (Malkov
 * and Yashunin 2018), which is Lucene's. It may miss some; {@link NearestNeighbours} does not, and is the better choice for up to some hundred thousand
 * vectors and queries that come in batches.
 *
 * <p>The time of a query grows with the logarithm of the set, and making the index takes much longer than a query of {@code NearestNeighbours}. The same vectors
 * give the same index. Any number of threads may search in it. Lucene logs once, by {@code java.util.logging},
 * which of Java's functions for vectors and memory it does not use in this version of Java.
 */
public final class HnswIndex implements AutoCloseable {
    static final String FIELD = "vector";
    static final String DISTANCE = "alborz.distance";

    /** So many candidates are kept during a search unless the caller says otherwise. */
    private static final int CANDIDATES = 50;

    private final Directory files;
    private final DirectoryReader reader;
    private final Distance distance;
    private final int size;

    private HnswIndex(Directory files, DirectoryReader reader, Distance distance, int size) {
        this.files = files;
        this.reader = reader;
        this.distance = distance;
        this.size = size;
    }

    /** Begins an index of vectors of {@code size} numbers, by the distance {@code L2} or {@code COSINE}. */
    public static HnswBuilder builder(int size, Distance distance) {
        return new HnswBuilder(size, distance);
    }

    /**
     * Makes an index of a set of vectors with the usual settings.
     *
     * @param vectors {@code [count, size]}, floating and finite
     */
    public static HnswIndex of(Tensor vectors, Distance distance) {
        if (vectors == null || vectors.shape().rank() != 2) {
            throw new IllegalArgumentException(
                    "HnswIndex expects vectors [count, size], got " + (vectors == null ? "null" : vectors.describe()));
        }
        return builder(vectors.shape().size(1), distance).add(vectors).build();
    }

    static HnswIndex of(Directory files) {
        try {
            return read(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory
        }
    }

    private static HnswIndex read(Directory files) throws IOException {
        DirectoryReader reader = DirectoryReader.open(files);
        try {
            String distance = reader.getIndexCommit().getUserData().get(DISTANCE);
            FloatVectorValues vectors = distance == null || reader.leaves().isEmpty()
                    ? null
                    : reader.leaves().get(0).reader().getFloatVectorValues(FIELD);
            if (vectors == null) {
                throw new IOException("it is an index of another program");
            }
            return new HnswIndex(files, reader, Distance.valueOf(distance), vectors.dimension());
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /**
     * Opens an index that {@link #save} has written. Its files are mapped into memory, not read, and belong to it until it is closed.
     *
     * @throws DataException when the folder holds none, or a damaged one
     */
    public static HnswIndex open(Path folder) {
        Directory files = null;
        try {
            if (!Files.isDirectory(folder)) {
                throw new IOException("there is no such folder");
            }
            files = FSDirectory.open(folder);
            return read(files);
        } catch (IOException | IllegalArgumentException e) {
            close(files);
            throw new DataException(
                    Quoted.text(folder.toString()) + " holds no complete index of HnswIndex.save: "
                            + Quoted.escape(String.valueOf(e.getMessage()), 300) + "; make the index again",
                    e);
        }
    }

    private static void close(Directory files) {
        try {
            if (files != null) {
                files.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes the index to a new or empty folder, for {@link #open}. Until all of it is written, the folder is refused by {@code open}.
     *
     * @throws DataException when the folder has files, or cannot be written
     */
    public void save(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> there = Files.list(folder)) {
                if (there.findAny().isPresent()) {
                    throw new DataException(
                            Quoted.text(folder.toString()) + " is not empty; save an index to a folder of its own");
                }
            }
            try (Directory target = FSDirectory.open(folder)) {
                List<String> names = new ArrayList<>(List.of(files.listAll()));
                names.sort(
                        Comparator.comparing(name -> name.startsWith(IndexFileNames.SEGMENTS))); // it names all others
                for (String name : names) {
                    target.copyFrom(files, name, name, IOContext.DEFAULT);
                    target.sync(List.of(name));
                }
                target.syncMetaData();
            }
        } catch (IOException e) {
            throw new DataException(
                    "The index cannot be written to " + Quoted.text(folder.toString()) + ": "
                            + Quoted.escape(String.valueOf(e), 300) + ". Check the permissions and the disk.",
                    e);
        }
    }

    /** Returns how many vectors there are. */
    public int count() {
        return reader.numDocs();
    }

    /**
     * Returns the nearest ones that were found of each query, the nearest first, with the index of a vector in the order of adding.
     *
     * @param queries {@code [n, size]}
     * @param k how many; as many as there are where the set has fewer
     * @return {@code [n][k]}
     */
    public Neighbour[][] find(Tensor queries, int k) {
        return find(queries, k, Math.max(CANDIDATES, 2 * k));
    }

    /**
     * Returns the nearest ones that were found of each query, likewise.
     *
     * @param candidates how many vectors a search keeps as it goes on, ef of the paper, at least k; 50, or 2·k, unless given. More take longer and miss less
     */
    public Neighbour[][] find(Tensor queries, int k, int candidates) {
        require(k, candidates);
        float[][] rows = Vectors.rows(queries, size, "queries");
        Neighbour[][] found = new Neighbour[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            found[i] = nearest(rows[i], k, candidates);
        }
        return found;
    }

    /** Returns the nearest ones that were found of one query of {@code size} finite numbers, likewise. */
    public Neighbour[] find(float[] query, int k, int candidates) {
        require(k, candidates);
        if (query == null || query.length != size) {
            throw new IllegalArgumentException("HnswIndex expects a query of " + size + " numbers, got "
                    + (query == null ? "null" : Integer.toString(query.length)));
        }
        Vectors.requireFinite(query, "a query of finite numbers", 0);
        return nearest(query, k, candidates);
    }

    private static void require(int k, int candidates) {
        if (k < 1 || candidates < k) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "find expects at least 1 neighbour and as many candidates, got %d and %d",
                    k,
                    candidates));
        }
    }

    private Neighbour[] nearest(float[] query, int k, int candidates) {
        float[] prepared = Vectors.prepared(query, distance);
        List<Neighbour> found = new ArrayList<>(candidates);
        try {
            for (LeafReaderContext graph : reader.leaves()) {
                ScoreDoc[] some = graph.reader()
                        .searchNearestVectors(
                                FIELD,
                                prepared,
                                Math.min(candidates, graph.reader().numDocs()),
                                null,
                                Integer.MAX_VALUE)
                        .scoreDocs;
                Arrays.sort(some, Comparator.comparingInt(one -> one.doc)); // they are read in this order only
                FloatVectorValues vectors = graph.reader().getFloatVectorValues(FIELD);
                for (ScoreDoc one : some) {
                    vectors.advance(one.doc);
                    double far = Vectors.distance(query, vectors.vectorValue(), distance);
                    found.add(new Neighbour(graph.docBase + one.doc, far));
                }
            }
        } catch (IOException e) {
            throw new DataException("The index could not be read: " + Quoted.escape(String.valueOf(e), 300), e);
        }
        return found.stream()
                .sorted(Comparator.comparingDouble(Neighbour::distance).thenComparingInt(Neighbour::index))
                .limit(k)
                .toArray(Neighbour[]::new);
    }

    /** Releases the files, or the memory. */
    @Override
    public void close() {
        try (Directory closing = files) {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
