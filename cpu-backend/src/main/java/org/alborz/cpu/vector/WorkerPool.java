package org.alborz.cpu.vector;

/** The threads of one backend and the memory each of them works in. */
final class WorkerPool implements AutoCloseable {
    private final ThreadTeam team;
    private final Workspace[] workspaces;
    private final Workspace shared = new Workspace();

    WorkerPool(int threads) {
        team = new ThreadTeam(threads);
        workspaces = new Workspace[team.size()];
        try {
            for (int i = 0; i < workspaces.length; i++) {
                workspaces[i] = new Workspace();
            }
        } catch (RuntimeException | Error e) {
            team.close();
            throw e;
        }
    }

    int threads() {
        return team.size();
    }

    /** Runs the tasks of a job; see {@link ThreadTeam#run(int, ThreadTeam.Task)}. */
    void run(int tasks, ThreadTeam.Task work) {
        team.run(tasks, work);
    }

    /** Runs the tasks of a job; see {@link ThreadTeam#run(int, int, ThreadTeam.Task)}. */
    void run(int own, int shared, ThreadTeam.Task work) {
        team.run(own, shared, work);
    }

    /** Returns the memory of one worker. */
    Workspace workspace(int worker) {
        return workspaces[worker];
    }

    /** Returns memory that all workers read; written by the caller, or each part by one task. */
    Workspace shared() {
        return shared;
    }

    @Override
    public void close() {
        team.close();
    }
}
