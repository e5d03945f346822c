package org.alborz.nn;

/**
 * What a recurrent layer consists of.
 *
 * @param name in messages
 * @param layers how many follow each other
 * @param projection the size that an LSTM's hidden state is projected to, or 0
 * @param dropout of what one layer gives the next
 */
record RecurrentSettings(
        String name,
        int in,
        int hidden,
        int layers,
        boolean bidirectional,
        int projection,
        boolean biased,
        double dropout) {
    RecurrentSettings {
        if (in < 1 || hidden < 1 || layers < 1) {
            throw new IllegalArgumentException(name + " expects at least 1 feature in, hidden unit and layer, got " + in
                    + ", " + hidden + " and " + layers);
        }
        if (projection < 0 || projection >= hidden) {
            throw new IllegalArgumentException(name + " expects a projection to at least 1 and fewer than the " + hidden
                    + " hidden units, or 0 for none, got " + projection);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(name + " expects a dropout rate in [0, 1), got " + dropout);
        }
    }

    static RecurrentSettings of(String name, int in, int hidden) {
        return new RecurrentSettings(name, in, hidden, 1, false, 0, true, 0);
    }

    RecurrentSettings layers(int count) {
        return new RecurrentSettings(name, in, hidden, count, bidirectional, projection, biased, dropout);
    }

    RecurrentSettings bidirectional(boolean both) {
        return new RecurrentSettings(name, in, hidden, layers, both, projection, biased, dropout);
    }

    RecurrentSettings projection(int size) {
        return new RecurrentSettings(name, in, hidden, layers, bidirectional, size, biased, dropout);
    }

    RecurrentSettings biased(boolean withBias) {
        return new RecurrentSettings(name, in, hidden, layers, bidirectional, projection, withBias, dropout);
    }

    RecurrentSettings dropout(double rate) {
        return new RecurrentSettings(name, in, hidden, layers, bidirectional, projection, biased, rate);
    }

    int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Returns the size of the hidden state that goes from step to step. */
    int output() {
        return projection > 0 ? projection : hidden;
    }

    @Override
    public String toString() {
        return name + "(" + in + ", " + hidden
                + (layers > 1 ? ", " + layers + " layers" : "")
                + (bidirectional ? ", bidirectional" : "")
                + (projection > 0 ? ", projection " + projection : "")
                + (biased ? "" : ", no bias")
                + (dropout > 0 ? ", dropout " + dropout : "") + ")";
    }
}
