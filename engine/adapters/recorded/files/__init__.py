"""The formats of recording files: CSV with the standard library, Parquet through polars."""
