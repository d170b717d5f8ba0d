"""A Dask cluster of two processes on this machine, for tests that have made sure of Dask."""


def two_processes():
    import distributed

    return distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,
    )
