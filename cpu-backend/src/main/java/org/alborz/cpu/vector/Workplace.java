package org.alborz.cpu.vector;

/** The threads of one backend and the memory each of them works in. */
final class Workplace implements AutoCloseable {
    private final ThreadTeam team;
    private final Scratch[] scratch;
    private final Scratch shared = new Scratch();

    Workplace(int threads) {
        team = new ThreadTeam(threads);
        scratch = new Scratch[team.size()];
        try {
            for (int i = 0; i < scratch.length; i++) {
                scratch[i] = new Scratch();
            }
        } catch (RuntimeException | Error e) {
            team.close();
            throw e;
        }
    }

    int threads() {
        return team.size();
    }

    /** Runs the tasks of a job; see {@link ThreadTeam#run}. */
    void run(int tasks, ThreadTeam.Body body) {
        team.run(tasks, body);
    }

    /** Returns the memory of one member. */
    Scratch scratch(int member) {
        return scratch[member];
    }

    /** Returns memory that all members read; written by the caller, or each part by one task. */
    Scratch shared() {
        return shared;
    }

    @Override
    public void close() {
        team.close();
    }
}
