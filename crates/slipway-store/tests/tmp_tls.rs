#![allow(warnings, clippy::all, clippy::pedantic)]
use slipway_model::*;
use slipway_store::*;
#[tokio::test(flavor = "multi_thread")]
async fn tls() {
    for t in ["sslmode=verify-full&sslrootcert=/tmp/pgE/ca.crt&channel_binding=require", "sslmode=require&channel_binding=require", "sslmode=verify-ca&sslrootcert=/tmp/pgE/ca.crt", "sslmode=prefer", "sslmode=disable", "sslmode=verify-full"] {
        let d = Database::parse(&format!("postgresql://slipway:secret@localhost:54329/slipway?{t}")).unwrap();
        match Store::open_database(&d).await {
            Ok(s) => println!("{t}: ok {:?}", s.view().count(&tenant::all(), 9).await),
            Err(e) => println!("{t}: {e}"),
        }
    }
    println!("{}", Store::open_database(&Database::parse("postgresql://slipway:wrong@localhost:54329/slipway").unwrap()).await.err().unwrap());
    println!("{}", Store::open_database(&Database::parse("postgresql://slipway:secret@localhost:54329/nodb").unwrap()).await.err().unwrap());
    println!("{:?}", Store::open_database(&Database::parse("host=/tmp/pgE port=54329 user=slipway password=secret dbname=slipway").unwrap()).await.map(|s| s.name()).map_err(|e| e.to_string()));
}
#[tokio::test(flavor = "multi_thread")]
async fn size() {
    let d = Database::parse("postgresql://slipway:secret@localhost:54329/slipway?options=-csearch_path%3Dsized").unwrap();
    let s = Store::open_database(&d).await.unwrap();
    let p = Partition::new(&TenantId::parse("51190000-0000-4000-8000-000000000001").unwrap(), 1);
    let t = std::time::Instant::now();
    for b in 0..100u64 {
        let mut c = Changeset::new("x");
        for i in 0..1000u64 {
            let n = (b * 1000 + i).wrapping_mul(2654435761) % 100_000;
            c = c.put(&p, &TeamsAppInstallation { owner: UserId::parse(&format!("51190000-0000-4000-8001-{:012x}", n)).unwrap(), app: TeamsAppId::parse("51190000-0000-4000-8000-00000000b001").unwrap(), incarnation: u64::MAX/3, version: AppVersion::new("1.0.0"), consented: None, installed_at: jiff::Timestamp::UNIX_EPOCH });
        }
        s.commit(c).await.unwrap();
    }
    println!("100k rows in {:?}", t.elapsed());
}
