package org.alborz.models;

import java.util.Arrays;
import java.util.List;
import org.alborz.nn.KeyValueCache;
import org.alborz.nn.Layer;
import org.alborz.nn.Lstm;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Gives the scores of the next token of one growing sequence. */
sealed interface TokenReader extends AutoCloseable {
    /**
     * Returns the scores of the token after the first {@code count} ones, which are those of the call before and at least one more.
     */
    double[] scores(int[] tokens, int count);

    @Override
    void close();

    /** Returns the one that suits a model. */
    static TokenReader of(Session session, Layer model, int context) {
        if (model instanceof Gpt gpt) {
            return new OfGpt(session, gpt, Math.min(context, gpt.context()));
        }
        return model instanceof LstmLanguageModel lstm ? new OfLstm(session, lstm) : new Whole(session, model, context);
    }

    private static Tensor ids(Session session, int[] tokens, int from, int to) {
        return session.tensor(Arrays.copyOfRange(tokens, from, to), Shape.of(1, to - from));
    }

    private static double[] last(Tensor logits) {
        return logits.select(1, -1).toDoubles();
    }

    /** Has a model of any kind read all tokens of its context again. */
    record Whole(Session session, Layer model, int context) implements TokenReader {
        @Override
        public double[] scores(int[] tokens, int count) {
            try (Scope scope = session.scope("tokens")) {
                Tensor ids = ids(session, tokens, Math.max(0, count - context), count);
                return last(model.forward(ids, Pass.evaluation()));
            }
        }

        @Override
        public void close() {}
    }

    /**
     * Keeps keys and values. A position has its vector, so the cache cannot move on: when it is full, it begins again with the latter half of
     * what it held.
     */
    final class OfGpt implements TokenReader {
        private final Session session;
        private final Gpt gpt;
        private final int context;
        private final List<KeyValueCache> caches;
        private int read;

        private OfGpt(Session session, Gpt gpt, int context) {
            this.session = session;
            this.gpt = gpt;
            this.context = context;
            this.caches = gpt.caches();
        }

        @Override
        public double[] scores(int[] tokens, int count) {
            if (caches.get(0).length() + count - read > context) {
                caches.forEach(KeyValueCache::clear);
                boolean begins = read == 0; // with the latest tokens of a start that is longer than the context
                read = count - (begins ? context : Math.max(1, context / 2));
            }
            try (Scope scope = session.scope("tokens")) {
                Tensor ids = ids(session, tokens, read, count);
                read = count;
                return last(gpt.forward(ids, caches, Pass.evaluation()));
            }
        }

        @Override
        public void close() {
            caches.forEach(KeyValueCache::close);
        }
    }

    /** Keeps the state, and so depends on all tokens before. */
    final class OfLstm implements TokenReader {
        private final Session session;
        private final LstmLanguageModel model;
        private final Scope scope;
        private Lstm.State state;
        private int read;

        private OfLstm(Session session, LstmLanguageModel model) {
            this.session = session;
            this.model = model;
            this.scope = session.freeStandingScope("LSTM's state");
        }

        @Override
        public double[] scores(int[] tokens, int count) {
            try (Scope step = session.scope("tokens")) {
                LstmLanguageModel.Output output =
                        model.run(ids(session, tokens, read, count), state, Pass.evaluation());
                state = new Lstm.State(
                        kept(
                                state == null ? null : state.hidden(),
                                output.state().hidden()),
                        kept(state == null ? null : state.cell(), output.state().cell()));
                read = count;
                return last(output.logits());
            }
        }

        private Tensor kept(Tensor before, Tensor value) {
            Tensor into =
                    before != null ? before : scope.adopt(session.empty(value.dtype(), Layout.rowMajor(value.shape())));
            return into.assign(value);
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
